import type { Verdict } from '../failover/preflight/topology.js';
import type { SourceInQuestion } from '../failover/hand.js';
import { fileNumber } from '../model/coordinates.js';
import { type Channel, type Picture, type ServerState, stateOf } from '../model/picture.js';
import type { ClusterSettings, ServerId, ServerSettings } from '../model/settings.js';
import { shellWord } from '../model/shell-word.js';
import type { Door } from '../ports/shell.js';

/** What a source that answers says of itself. */
export function describeSource(id: ServerId, state: ServerState): SourceInQuestion {
  return {
    id,
    serverId: state.serverId,
    ...(state.serverUuid === undefined ? {} : { serverUuid: state.serverUuid }),
    gtidMode: state.gtid.mode,
    domainId: state.gtid.domainId,
    past: state,
    ...(state.binlogBase === undefined ? {} : { binlogBase: state.binlogBase }),
  };
}

/**
 * What its replicas know of a source that no longer answers; its binary logs are looked for on its host, in the
 * configured directories, under the name that the replicas were reading.
 */
export async function recallSource(
  id: ServerId,
  verdict: Verdict,
  picture: Picture,
  settings: ClusterSettings,
  door: Door,
): Promise<SourceInQuestion> {
  const followers = verdict.replicas.flatMap(({ server, channel: name }) => {
    const state = stateOf(picture, server);
    const channel = state?.channels.find((one) => one.name === name);
    return state === undefined || channel === undefined ? [] : [{ state, channel }];
  });
  const first = followers[0];
  const file = followers
    .map(({ channel }) => channel.received?.file ?? '')
    .find((name) => fileNumber(name) !== undefined);
  const server = settings.servers.find((one) => one.id === id);
  const serverId = followers.map(({ channel }) => channel.sourceServerId).find((one) => one > 0) ?? 0;
  const isUnread = followers.every(({ state: { version }, channel }) => wasNeverConnected(version.vendor, channel));
  const known = { serverId, isUnread, ...(file === undefined ? {} : { file }) };
  const found = server === undefined ? undefined : await findLogs(server, known, door);
  const uuid = followers.map(({ channel }) => channel.sourceUuid).find((one) => one !== undefined && one !== '');
  return {
    id,
    serverId,
    ...(uuid === undefined ? {} : { serverUuid: uuid }),
    gtidMode: first?.state.gtid.mode ?? '',
    domainId: first?.state.gtid.domainId ?? 0,
    ...found,
  };
}

type Found = Partial<Pick<SourceInQuestion, 'binlogBase' | 'serverId'>>;

interface Known {
  /** Left out by replicas by GTID that were never connected since they were pointed there. */
  readonly file?: string;
  readonly serverId: number;
  readonly isUnread: boolean;
}

/**
 * Until it is connected MariaDB goes on showing the id of the source that it followed before (10.11). It begins another relay log when it
 * is.
 */
function wasNeverConnected(
  vendor: ServerState['version']['vendor'],
  { relayLogFile, relayLogPosition }: Channel,
): boolean {
  return vendor === 'mariadb' && /\.0*1$/.test(relayLogFile) && relayLogPosition <= 4;
}

/** By the name that replicas were reading, and the id that they saw; where they have seen none, the only log that is there. */
async function findLogs(server: ServerSettings, known: Known, door: Door): Promise<Found | undefined> {
  const { file, serverId, isUnread } = known;
  if (file !== undefined && !isUnread) {
    const binlogBase = await findBinlogs(server, { file, serverId }, door);
    return binlogBase === undefined ? undefined : { binlogBase };
  }
  const only = await findOnlyBinlogs(server, door);
  const isNamed = file === undefined || only?.binlogBase?.endsWith(`/${nameOf(file)}`) === true;
  return isNamed ? only : undefined;
}

function nameOf(file: string): string {
  return file.slice(0, file.lastIndexOf('.'));
}

const searchMs = 5_000;

/*
 * A host with several servers may have logs of the same name in another of these directories: a file in clear begins with
 * a magic number, and bytes 9 to 12 say which server wrote it. What cannot be read here is taken: the fetch looks again.
 */
const searchScript = `
number=$1 id=$2; shift 2
isOurs() {
  [ "$id" -gt 0 ] && [ -r "$1" ] || return 0
  [ "$(od -An -tx1 -N4 "$1" | tr -d ' \n')" = fe62696e ] || return 0
  set -- $(od -An -tu1 -j9 -N4 "$1")
  [ "$#" = 4 ] || return 0
  [ "$(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216))" = "$id" ]
}
for base in "$@"; do
  newest=
  for file in "$base".[0-9]*; do [ -f "$file" ] && newest=$file; done
  [ -f "$base.$number" ] && newest=$base.$number
  [ -n "$newest" ] && isOurs "$newest" && { echo "$base"; exit 0; }
done 2>/dev/null
exit 0`;

/*
 * The newest file of each name that is a binary log in clear and no relay log (their first event says so in its flags, 0x40), with the
 * server that wrote it.
 */
const surveyScript = `
tell() {
  [ -r "$1" ] || return 0
  [ "$(od -An -tx1 -N4 "$1" | tr -d ' \n')" = fe62696e ] || return 0
  name=\${1%.*}
  set -- $(od -An -tu1 -j9 -N14 "$1")
  [ "$#" = 14 ] && [ "$((\${13} & 64))" = 0 ] || return 0
  echo "$(($1 + $2 * 256 + $3 * 65536 + $4 * 16777216)) $name"
}
for directory in "$@"; do
  last=
  for file in "$directory"/*.[0-9][0-9][0-9][0-9][0-9][0-9]; do
    [ "\${file%.*}" = "\${last%.*}" ] || { [ -n "$last" ] && tell "$last"; }
    last=$file
  done
  [ -n "$last" ] && tell "$last"
done 2>/dev/null
exit 0`;

/** Where several servers keep logs nobody can say whose they are: what replicas tell of the server's id is of the one before it. */
async function findOnlyBinlogs(server: ServerSettings, door: Door): Promise<Found | undefined> {
  const directories = server.binlogDirs.map((directory) => shellWord(directory.replace(/\/+$/, ''))).join(' ');
  const lines = await linesOf(door, `sh -c ${shellWord(surveyScript)} sh ${directories}`);
  const [only, ...others] = lines;
  const match = /^(\d+) (.+)$/.exec(only ?? '');
  if (match?.[2] === undefined || others.length > 0) return undefined;
  return { binlogBase: match[2], serverId: Number(match[1]) };
}

/** Nothing where the host cannot be reached: the run then says that nothing on its disk could be read. */
async function linesOf(door: Door, command: string): Promise<readonly string[]> {
  try {
    const { stdout } = await door.run(command, { deadlineMs: searchMs });
    return stdout.split('\n').filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** The first configured directory that holds files of the name the replicas were reading, and written by that server. */
async function findBinlogs(
  server: ServerSettings,
  { file, serverId }: { readonly file: string; readonly serverId: number },
  door: Door,
): Promise<string | undefined> {
  const name = nameOf(file);
  const number = file.slice(name.length + 1);
  const tries = server.binlogDirs.map((directory) => `${directory.replace(/\/+$/, '')}/${name}`);
  const words = [number, String(serverId), ...tries].map(shellWord).join(' ');
  const [base] = await linesOf(door, `sh -c ${shellWord(searchScript)} sh ${words}`);
  return base;
}
