import {
  formatMariadbGtid,
  type MariadbGtid,
  mariadbPositionOf,
  parseMariadbGtids,
  positionHasGtid,
} from '../model/gtid-mariadb.js';
import {
  formatGtidSet,
  type GtidSet,
  gtidSetOf,
  isEmptyGtidSet,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from '../model/gtid-mysql.js';
import type { Channel, ServerState } from '../model/picture.js';
import type { SemiSync } from '../model/semi-sync.js';

/** Transactions that a replica has made itself, which its source never had. */
export interface Errant {
  /** All of them; of MariaDB's the last one of each domain, which is all that its variables tell. */
  readonly gtids: string;
  /** Those that the GTIDs do not name, in words. */
  readonly earlier?: string;
  /** Those that its binary log holds no more: nobody who follows it could fetch them. Empty: it holds all. */
  readonly purged: string;
}

/** What is known of a source, now or from when it was last seen. */
export interface SourcePast {
  readonly serverUuid?: string;
  readonly logReplicaUpdates: boolean;
  readonly gtid: ServerState['gtid'];
  readonly semiSync?: SemiSync;
}

export interface Suspect {
  readonly state: ServerState;
  readonly channel: Channel;
}

/**
 * Looks at one replica. Of a source that nobody has seen (it died before the command began) the other replicas tell: what
 * one alone has, and did not receive, is its own. `beginning` is what its binary log does not reach back to.
 */
export function errantOn(
  suspect: Suspect,
  source: SourcePast | undefined,
  others: readonly ServerState[],
  beginning?: string,
): Errant | undefined {
  if (source === undefined && others.length === 0) return undefined;
  return suspect.state.version.vendor === 'mysql'
    ? errantOnMysql(suspect, source, others)
    : errantOnMariadb(suspect.state, source, others, beginning);
}

/**
 * Servers are read one after another while writes go on, so that a replica may seem ahead in the source's own
 * transactions. Those are left out: only what came from elsewhere is errant.
 */
function errantOnMysql(
  { state, channel }: Suspect,
  source: SourcePast | undefined,
  others: readonly ServerState[],
): Errant | undefined {
  const own = parseGtidSet(state.gtid.executed);
  const texts = source === undefined ? others.map(({ gtid }) => gtid.executed) : [source.gtid.executed];
  const known = texts.map(parseGtidSet);
  if (own === undefined || known.includes(undefined)) return undefined;
  const ofSource = new Set([source?.serverUuid?.toLowerCase(), channel.sourceUuid?.toLowerCase()]);
  if (source === undefined) for (const uuid of sharedWith(known, state)) ofSource.add(uuid);
  const received = parseGtidSet(channel.receivedGtid);
  const explained = [...known, received].reduce<GtidSet>(
    (sum, set) => (set === undefined ? sum : unionGtidSets(sum, set)),
    { tracks: new Map() },
  );
  const extra = subtractGtidSets(own, explained);
  const errant = gtidSetOf([...extra.tracks].filter(([track]) => !ofSource.has(track.split(':')[0])));
  if (isEmptyGtidSet(errant)) return undefined;
  const gone = parseGtidSet(state.gtid.purged);
  const held = gone === undefined ? errant : subtractGtidSets(errant, gone);
  return { gtids: formatGtidSet(errant), purged: formatGtidSet(subtractGtidSets(errant, held)) };
}

/**
 * Of a source that nobody has seen, whose UUID a channel has forgotten with its last CHANGE (of a killed run, say): what the
 * others have a part of came by it, however much more of it one has received. But for what a replica wrote itself.
 */
function sharedWith(known: readonly (GtidSet | undefined)[], { serverUuid }: ServerState): readonly string[] {
  const uuids = known.flatMap((set) => [...(set?.tracks.keys() ?? [])]).map((track) => track.split(':')[0] ?? track);
  return uuids.filter((uuid) => uuid !== serverUuid?.toLowerCase());
}

/**
 * MariaDB: of its own server_id, what its binary log's state lists beyond the source's place in that domain. Numbers may
 * be out of order: one below that place is errant where the source writes down all it replicates, and never had it.
 */
function errantOnMariadb(
  state: ServerState,
  source: SourcePast | undefined,
  others: readonly ServerState[],
  beginning: string | undefined,
): Errant | undefined {
  const own = parseMariadbGtids(state.gtid.binlogState);
  const pasts = source === undefined ? others : [source];
  const lists = pasts.flatMap(({ gtid }) => [gtid.binlogState, gtid.slavePos, gtid.currentPos]).map(parseMariadbGtids);
  const known = lists.filter((list) => list !== undefined);
  if (own === undefined || known.length < lists.length) return undefined;
  const writesAll = pasts.every(({ logReplicaUpdates }) => logReplicaUpdates);
  const errant = own.filter((gtid) => gtid.server === state.serverId && isErrant(gtid, known, writesAll));
  if (errant.length === 0) return undefined;
  const found = { gtids: errant.map(formatMariadbGtid).join(','), purged: '' };
  // Where the source does not write down what it replicates, earlier ones may have come by it.
  const earlier = writesAll ? { earlier: errant.map((gtid) => earlierThan(gtid, known)).join('; ') } : {};
  return withBeginning({ ...found, ...earlier }, beginning);
}

/**
 * A server lists only its newest of each domain and server_id. The earlier ones are errant too, down to the last that
 * the source has of this server_id: both ends together name them all.
 */
function earlierThan(last: MariadbGtid, known: readonly (readonly MariadbGtid[])[]): string {
  const { domain, server } = last;
  const [shared] = known
    .flat()
    .filter((gtid) => gtid.domain === domain && gtid.server === server)
    .toSorted((a, b) => (a.sequence < b.sequence ? 1 : -1));
  const since = shared === undefined ? '' : ` after ${formatMariadbGtid(shared)}`;
  return `all that server_id ${String(server)} wrote in domain ${String(domain)} before it${since}`;
}

/** The same of a MariaDB server, once it is known what its binary log does not reach back to. */
export function withBeginning(errant: Errant, beginning: string | undefined): Errant {
  const gone = parseMariadbGtids(beginning ?? '') ?? [];
  const own = parseMariadbGtids(errant.gtids) ?? [];
  const purged = own.filter((gtid) => gone.some((entry) => covers(entry, gtid)));
  return { ...errant, purged: purged.map(formatMariadbGtid).join(',') };
}

/** Which they are and where their events are, in words. */
export function errantWords({ gtids, purged, earlier }: Errant): string {
  const whole = purged === gtids ? 'purged from its binary log' : `purged from its binary log: ${purged}`;
  const whereabouts = purged === '' ? 'still in its binary log' : whole;
  return `${gtids} (${whereabouts})${earlier === undefined ? '' : `, and ${earlier}`}`;
}

function covers(entry: MariadbGtid, { domain, server, sequence }: MariadbGtid): boolean {
  return entry.domain === domain && entry.server === server && entry.sequence >= sequence;
}

function isErrant(gtid: MariadbGtid, known: readonly (readonly MariadbGtid[])[], writesAll: boolean): boolean {
  if (known.some((list) => list.some((entry) => covers(entry, gtid)))) return false;
  return writesAll || !known.some((list) => positionHasGtid(mariadbPositionOf(list), gtid));
}
