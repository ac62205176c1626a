import {
  type GtidSet,
  gtidSetOf,
  containsGtid,
  unionGtidSets,
  emptyGtidSet,
  parseGtidSet,
} from '../model/gtid-mysql.js';
import {
  furthestPosition,
  type MariadbGtid,
  type MariadbPosition,
  mariadbPositionOf,
  parseMariadbGtids,
  positionHasGtid,
} from '../model/gtid-mariadb.js';
import type { History } from '../model/history.js';
import type { Channel, ServerState } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';

/** A replica as the decision sees it, after its receiver was stopped. */
export interface Level {
  readonly server: ServerId;
  readonly state: ServerState;
  readonly channel: Channel;
}

/**
 * What a replica has of the history that came through the dead source, as GTIDs. A replica's own transactions are left out:
 * they say nothing of how far it has come.
 */
export interface Holding {
  readonly executed: History;
  /** With what its receiver has written whole. */
  readonly received: History;
}

/** Undefined where GTIDs do not tell: the server has none, or does not replicate by them alone. */
export type Holdings = readonly [Holding, Holding] | undefined;

/**
 * Of two replicas, by the tracks (or domains) that came through the source for either of them. What only one has
 * ever seen of another origin is no progress.
 */
export function holdingsOf(a: Level, b: Level): Holdings {
  const [vendor, other] = [a.state.version.vendor, b.state.version.vendor];
  if (vendor !== other) return undefined;
  if (vendor === 'mysql') {
    if (!a.state.gtid.mode.startsWith('ON') || !b.state.gtid.mode.startsWith('ON')) return undefined;
    const isOfSource = sourceTracks([a, b]);
    return pair(mysqlHolding(a, isOfSource), mysqlHolding(b, isOfSource));
  }
  const several = a.state.channels.length > 1 || b.state.channels.length > 1;
  const domains = several ? receivedDomains([a, b]) : undefined;
  return pair(mariadbHolding(a, domains, b), mariadbHolding(b, domains, a));
}

function pair(a: Holding | undefined, b: Holding | undefined): Holdings {
  return a === undefined || b === undefined ? undefined : [a, b];
}

/** The same of one replica alone. */
export function holdingOf(level: Level): Holding | undefined {
  return holdingsOf(level, level)?.[0];
}

/**
 * UUIDs whose transactions came by this channel: the source's own, and what it passed on. A channel that was never
 * connected since it was changed knows none; then all count but the two replicas' own.
 */
function sourceTracks(levels: readonly Level[]): (track: string) => boolean {
  const uuids = levels.flatMap(({ channel }) => channel.sourceUuid?.toLowerCase() ?? []);
  const received = levels.flatMap(({ channel }) => [...(parseGtidSet(channel.receivedGtid)?.tracks.keys() ?? [])]);
  const known = new Set([...uuids, ...received.map(uuidOf)]);
  const own = new Set(levels.map(({ state }) => state.serverUuid?.toLowerCase()));
  return (track) => (known.size === 0 ? !own.has(uuidOf(track)) : known.has(uuidOf(track)));
}

function uuidOf(track: string): string {
  return track.split(':')[0] ?? track;
}

function mysqlHolding({ state, channel }: Level, isOfSource: (track: string) => boolean): Holding | undefined {
  const executed = parseGtidSet(state.gtid.executed);
  const retrieved = parseGtidSet(channel.receivedGtid);
  if (executed === undefined || retrieved === undefined) return undefined;
  const through = (set: GtidSet): GtidSet => gtidSetOf([...set.tracks].filter(([track]) => isOfSource(track)));
  const whole = countsPartial(state) ? withoutLast(retrieved, executed) : retrieved;
  return {
    executed: { family: 'mysql', set: through(executed) },
    received: { family: 'mysql', set: through(unionGtidSets(executed, whole)) },
  };
}

/** Before 5.7 a transaction is counted as retrieved with its first event; it may be cut anywhere. */
function countsPartial({ version }: ServerState): boolean {
  return version.major < 5 || (version.major === 5 && version.minor < 7);
}

/** Which one came last is not told: of each track the highest one is in doubt, unless it is executed. */
function withoutLast(retrieved: GtidSet, executed: GtidSet): GtidSet {
  const kept = [...retrieved.tracks].map(([track, intervals]) => {
    const last = intervals.at(-1);
    if (last === undefined || containsGtid(executed, { track, number: last.last })) return [track, intervals] as const;
    const shorter = last.first === last.last ? [] : [{ first: last.first, last: last.last - 1n }];
    return [track, [...intervals.slice(0, -1), ...shorter]] as const;
  });
  return kept.reduce((sum, [track, intervals]) => unionGtidSets(sum, gtidSetOf([[track, intervals]])), emptyGtidSet);
}

/** With several connections `gtid_slave_pos` is of all of them together. */
function receivedDomains(levels: readonly Level[]): ReadonlySet<number> {
  const lists = levels.map(({ channel }) => parseMariadbGtids(channel.receivedGtid) ?? []);
  return new Set(lists.flat().map(({ domain }) => domain));
}

/**
 * `gtid_slave_pos` is what was applied of other servers' transactions. The receiver's position is advanced with whole
 * ones only; in current_pos mode it begins with the replica's own. Of a former source, which follows the one that took over, it
 * begins with what that one wrote itself, and stays there until the new one writes: this is the history of all, if the other
 * replica has it.
 */
function mariadbHolding(
  { state, channel }: Level,
  domains: ReadonlySet<number> | undefined,
  other: Level,
): Holding | undefined {
  const executed = parseMariadbGtids(state.gtid.slavePos);
  const received = parseMariadbGtids(channel.receivedGtid);
  const theirs = parseMariadbGtids(other.state.gtid.slavePos)?.filter(({ server }) => server !== other.state.serverId);
  if (executed === undefined || received === undefined || theirs === undefined) return undefined;
  const place = mariadbPositionOf(theirs);
  const isShared = (gtid: MariadbGtid): boolean =>
    positionHasGtid(place, gtid) || place.get(gtid.domain)?.server === gtid.server;
  const of = (list: typeof executed, counts: (gtid: MariadbGtid) => boolean = () => false): MariadbPosition =>
    mariadbPositionOf(
      list.filter((gtid) => (gtid.server !== state.serverId || counts(gtid)) && (domains?.has(gtid.domain) ?? true)),
    );
  const applied = of(executed, isShared);
  return {
    executed: { family: 'mariadb', position: applied },
    received: { family: 'mariadb', position: furthestPosition(applied, of(received)) },
  };
}
