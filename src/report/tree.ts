import { formatCoordinates } from '../model/coordinates.js';
import { type Channel, type Picture, type Reach, type ServerState, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import { noPaint, type Paint } from './paint.js';
import { oneLine } from './server-lines.js';

/** The configured servers, what was seen of them, and who was found to be what. */
export interface TreeInput {
  readonly servers: readonly { readonly id: ServerId; readonly nodeLabel?: string }[];
  readonly picture: Picture;
  readonly source?: ServerId;
  readonly replicas: readonly { readonly server: ServerId; readonly channel: string }[];
  /** Who follows whom, for those that follow another one than the source. */
  readonly links?: readonly { readonly server: ServerId; readonly source: ServerId | undefined }[];
}

interface Node {
  readonly server: ServerId;
  readonly role: string;
  readonly channel?: string;
  readonly below: readonly Node[];
}

interface Row {
  /** What aligns in columns: name, role, version, writability, position; a silent server has the first two. */
  readonly cells: readonly string[];
  /** What follows behind the columns. */
  readonly rest: readonly string[];
}

const columns = [0, 1, 2, 3, 4] as const;

/**
 * The topology as a tree: the source, below it who follows it, below those who follows them; then whoever has no place
 * in it. Ends with a line feed. What a server did not say is shown as unknown.
 */
export function topologyTree(input: TreeInput, paint: Paint = noPaint): string {
  const nodes = forest(input);
  const rows = nodes.flatMap((node) => drawn(node, '', '', input, paint));
  const widths = columns.map((column) => Math.max(0, ...rows.map(({ cells }) => width(cells[column] ?? ''))));
  return rows
    .map(({ cells, rest }) => [...cells.map((cell, column) => pad(cell, widths[column] ?? 0)), ...rest])
    .map((parts) => `${parts.join('  ').trimEnd()}\n`)
    .join('');
}

function forest(input: TreeInput): readonly Node[] {
  const placed = new Set<ServerId>();
  const grow = (server: ServerId, role: string, channel?: string): Node => {
    placed.add(server);
    const below = followersOf(server, input)
      .filter((follower) => !placed.has(follower.server))
      .map((follower) => grow(follower.server, follower.role, follower.channel));
    return { server, role, ...(channel === undefined ? {} : { channel }), below };
  };
  const root = input.source === undefined ? [] : [grow(input.source, 'source')];
  const others = input.servers.flatMap(({ id }) => (placed.has(id) ? [] : [grow(id, 'no role')]));
  return [...root, ...others];
}

interface Follower {
  readonly server: ServerId;
  readonly role: string;
  readonly channel?: string;
}

function followersOf(server: ServerId, { source, replicas, links = [], servers }: TreeInput): readonly Follower[] {
  if (server === source) return replicas.map((replica) => ({ ...replica, role: 'replica' }));
  const direct = replicas.map((replica) => replica.server);
  const ids = links
    .filter((link) => link.source === server && !direct.includes(link.server))
    .map((link) => link.server);
  return servers.filter(({ id }) => ids.includes(id)).map(({ id }) => ({ server: id, role: 'lower replica' }));
}

function drawn(node: Node, branch: string, indent: string, input: TreeInput, paint: Paint): readonly Row[] {
  const last = node.below.length - 1;
  const below = node.below.flatMap((child, index) =>
    drawn(
      child,
      `${indent}${index === last ? '└─ ' : '├─ '}`,
      `${indent}${index === last ? '   ' : '│  '}`,
      input,
      paint,
    ),
  );
  return [row(node, branch, input, paint), ...below];
}

function row({ server, role, channel: name }: Node, branch: string, input: TreeInput, paint: Paint): Row {
  const label = input.servers.find(({ id }) => id === server)?.nodeLabel;
  const called = `${branch}${server}${label === undefined ? '' : ` (${label})`}`;
  const state = stateOf(input.picture, server);
  if (state === undefined) {
    return { cells: [called, role], rest: [paint.bad(silence(input.picture.servers.get(server)))] };
  }
  const channel = state.channels.find((one) => name === undefined || one.name === name);
  return {
    cells: [called, role, versionOf(state), writability(state, role, paint), positionOf(state, channel)],
    rest: [...(channel === undefined ? [] : replicationOf(channel, paint)), ...gtidOf(state)],
  };
}

function silence(reach: Reach | undefined): string {
  switch (reach?.kind) {
    case 'port-refused':
      return `NOT RUNNING (${reach.message})`;
    case 'refused-us':
      return `REFUSES US (${String(reach.errno)}: ${reach.message})`;
    case 'no-answer':
      return `NO ANSWER (${reach.message})`;
    case 'answered':
    case undefined:
      return 'NOT ASKED';
  }
}

function versionOf({ version: { vendor, major, minor, patch } }: ServerState): string {
  return `${vendor === 'mysql' ? 'MySQL' : 'MariaDB'} ${[major, minor, patch].map(String).join('.')}`;
}

/** A replica that takes writes, or a source that takes none, is what a reader looks for. */
function writability({ readOnly }: ServerState, role: string, paint: Paint): string {
  const text = readOnly ? 'read_only=1' : 'read_only=0';
  if (role === 'no role') return text;
  return readOnly === (role !== 'source') ? text : paint.warning(text);
}

/** A source stands where its binary log ends, a replica where its applier is in the source's. */
function positionOf({ binlogEnd }: ServerState, channel: Channel | undefined): string {
  const place = channel === undefined ? binlogEnd : channel.executed;
  return place === undefined ? 'position unknown' : formatCoordinates(place);
}

function replicationOf({ receiver, applier, lag }: Channel, paint: Paint): readonly string[] {
  const seconds = lag === 'unknown' ? 'lag unknown' : `lag ${String(lag)} s`;
  const threads = [
    ...(receiver === 'running' ? [] : [paint.bad(`receiver ${receiver}`)]),
    ...(applier === 'running' ? [] : [paint.bad(`applier ${applier}`)]),
  ];
  return [seconds, ...threads];
}

function gtidOf({ version, gtid }: ServerState): readonly string[] {
  const set = version.vendor === 'mysql' ? gtid.executed : gtid.currentPos === '' ? gtid.binlogPos : gtid.currentPos;
  return set === '' ? [] : [`GTID ${oneLine(set)}`];
}

const colourCode = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

function width(cell: string): number {
  return cell.replaceAll(colourCode, '').length;
}

function pad(cell: string, size: number): string {
  return cell + ' '.repeat(Math.max(0, size - width(cell)));
}
