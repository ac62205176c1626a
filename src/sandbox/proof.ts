/**
 * The judge: reads the servers and the writer's log by itself, and never what the product says of itself.
 */
import type { Cluster } from './cluster-shape.js';
import { type RowId, readServer, rowId, type ServerState, waitForLevel } from './proof-reader.js';
import { longestGap, type Gap, overlaps, type Overlap } from './proof-timeline.js';
import { acknowledged, type WriterLine } from './writer-log.js';

export interface ProofOptions {
  /** Servers that must be alive and identical; default all but the first. */
  readonly servers?: readonly string[];
  /** When the source was killed (monotonic nanoseconds): the outage is looked for from there on. */
  readonly killedAt?: bigint;
  /** Wait for replicas to reach the new source first. Default true. */
  readonly level?: boolean;
  /** How often writing went back on purpose to a server that had it before. Default 0. */
  readonly returns?: number;
}

export interface Proof {
  readonly acknowledged: number;
  readonly outage: Gap | undefined;
  /** Acknowledged rows that the new source does not have. */
  readonly lost: readonly RowId[];
  /** Rows of which a server has more than one copy. */
  readonly twice: readonly RowId[];
  /** Rows on a server that the writer never sent, or was told are refused. */
  readonly unexplained: readonly RowId[];
  /** Rows in doubt when the source died that are there now. */
  readonly doubtfulKept: number;
  readonly overlaps: readonly Overlap[];
  readonly writable: readonly string[];
  readonly servers: readonly ServerState[];
  /** Nothing but sentences; empty when the proof holds. */
  readonly problems: readonly string[];
}

export async function prove(
  cluster: Cluster,
  lines: readonly WriterLine[],
  options: ProofOptions = {},
): Promise<Proof> {
  const names = options.servers ?? cluster.hosts.slice(1).map((host) => host.name);
  const level = options.level === false ? [] : await waitForLevel(cluster, names);
  const servers = await Promise.all(names.map((name) => readServer(cluster, name)));
  const writable = servers.filter((server) => !server.readOnly);
  const source = writable[0] ?? servers[0];
  const acks = acknowledged(lines);
  const held = new Set(source?.rows.keys());
  const proof = {
    acknowledged: acks.length,
    outage: longestGap(acks, options.killedAt),
    lost: acks.map((ack) => rowId(ack.worker, ack.n)).filter((id) => !held.has(id)),
    twice: [...new Set(servers.flatMap((server) => copies(server)))],
    unexplained: unexplained(servers, lines),
    doubtfulKept: lines.filter((line) => line.e === 'doubt' && held.has(rowId(line.w, line.n))).length,
    overlaps: overlaps(acks, options.returns),
    writable: writable.map((server) => server.name),
    servers,
  };
  return { ...proof, problems: [...level, ...judge(proof)] };
}

function copies(server: ServerState): readonly RowId[] {
  return [...server.rows].filter(([, count]) => count > 1).map(([id]) => id);
}

function unexplained(servers: readonly ServerState[], lines: readonly WriterLine[]): readonly RowId[] {
  const explained = new Set(
    lines.flatMap((line) => (line.e === 'ack' || line.e === 'doubt' ? [rowId(line.w, line.n)] : [])),
  );
  const ended = lines.at(-1)?.e === 'end';
  // A writer that was killed leaves rows that were sent and not yet answered.
  const open = ended ? [] : lines.flatMap((line) => (line.e === 'try' ? [rowId(line.w, line.n)] : []));
  for (const id of open) explained.add(id);
  return [...new Set(servers.flatMap((server) => [...server.rows.keys()]))].filter((id) => !explained.has(id));
}

function judge(proof: Omit<Proof, 'problems'>): readonly string[] {
  const found: string[] = [];
  const some = (ids: readonly RowId[]): string => `${String(ids.length)} (${ids.slice(0, 3).join(', ')} ...)`;
  if (proof.acknowledged === 0) found.push('the writer was never acknowledged anything');
  if (proof.lost.length > 0) found.push(`acknowledged rows lost: ${some(proof.lost)}`);
  if (proof.twice.length > 0) found.push(`rows applied twice: ${some(proof.twice)}`);
  if (proof.unexplained.length > 0) found.push(`rows that nobody wrote: ${some(proof.unexplained)}`);
  for (const { first, second, ms } of proof.overlaps.slice(0, 3)) {
    found.push(`servers ${String(first)} and ${String(second)} both took writes for ${ms.toFixed(1)} ms`);
  }
  if (proof.writable.length !== 1) found.push(`writable servers: ${proof.writable.join(', ') || 'none'}`);
  for (const { name, replication } of proof.servers) {
    if (!proof.writable.includes(name) && replication !== 'running')
      found.push(`${name} does not replicate: ${replication}`);
  }
  return [...found, ...differences(proof.servers)];
}

function differences(servers: readonly ServerState[]): readonly string[] {
  const [first, ...rest] = servers;
  if (first === undefined) return ['no server was read'];
  const text = (server: ServerState): string => JSON.stringify([...server.tables]);
  return rest
    .filter((server) => text(server) !== text(first))
    .map((server) => `${server.name} differs from ${first.name}: ${text(server)} instead of ${text(first)}`);
}
