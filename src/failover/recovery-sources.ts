import { compareCoordinates, type Coordinates, earliest, isBefore } from '../model/coordinates.js';
import type { ServerId } from '../model/settings.js';
import { isDelayed, movesReceiverAlone } from './delayed.js';
import type { Contender } from './election.js';
import { compareLevels, isBehind, losesRelayLogOnStart, newestFirst, reached } from './newest.js';
import { areCopiesOnly, type DeadLog, goesBeyond, reachOf } from './source-logs.js';
import type { FailoverWishes } from './wishes.js';

export interface RecoveryInput {
  readonly source: ServerId;
  readonly chosen: Contender;
  /** Everyone that is to follow the new source, the chosen one included; channels as seen after the freeze. */
  readonly contenders: readonly Contender[];
  readonly log: DeadLog;
  /** require_complete_rescue: nothing is repointed before the whole tail is known to be fit. */
  readonly completeFirst: boolean;
  /** Replicas that the recovery source cannot be brought to: no tunnel, no listen address. */
  readonly unserved: ReadonlySet<ServerId>;
  /** Replicas whose relay log cannot be read. */
  readonly relayUnfit: ReadonlySet<ServerId>;
  /** Left out: nothing is to be left out. */
  readonly wishes?: Omit<FailoverWishes, 'rescue'>;
  /** writer_vip: the writer's address moves with the source. */
  readonly movesAddress?: boolean;
}

/** Where a replica's missing events come from. */
export type Route = 'served' | 'own-relay-log';

/** Where the bytes come from that level the replicas. Which one was taken is said to the user. */
export interface Sources {
  readonly tail: boolean;
  /** The newest replica, when its relay log has what the source's own log does not give. */
  readonly relay?: {
    readonly server: ServerId;
    /** Absent: all that it holds, since one that needs it does not know its place. */
    readonly from?: Coordinates;
  };
}

/**
 * Decides where the missing events come from. The dead source's own log first, from its disk or from a copy: it has the
 * most. The newest replica's relay log where there is none, or where it ends before what the replica already has. A
 * chosen one that cannot be served gets neither.
 */
export function chooseSources({ chosen, contenders, log, unserved, relayUnfit }: RecoveryInput): Sources {
  const newest = newestOther(chosen, contenders);
  const behind = contenders.filter((contender) => {
    if (newest === undefined || unserved.has(contender.server)) return false;
    const appliesItself = contender.server === newest.server && !losesRelayLogOnStart(contender.channel);
    return !appliesItself && needsBytes(contender, newest);
  });
  const places = behind.flatMap((contender) => placeOf(contender) ?? []);
  const lowest = places.length === behind.length ? earliest(places) : undefined;
  const relay = newest === undefined || relayUnfit.has(newest.server) ? undefined : newest.server;
  const tail = log.readable && !unserved.has(chosen.server) && isOfUse(log, newest, behind.length > 0, lowest, relay);
  if (newest === undefined || relay === undefined) return { tail };
  if ((tail && logHolds(log, newest)) || behind.length === 0) return { tail };
  return { tail, relay: { server: relay, ...(lowest === undefined ? {} : { from: lowest }) } };
}

/**
 * The disk always is: nobody else can tell what it has. Copies may have stopped long ago: they are of use beyond all
 * replicas, or for those who are behind, if the rest of what those lack can be had too.
 */
function isOfUse(
  log: DeadLog,
  newest: Contender | undefined,
  isAnyBehind: boolean,
  lowest: Coordinates | undefined,
  relay: ServerId | undefined,
): boolean {
  if (!areCopiesOnly(log)) return true;
  const top = newest === undefined ? undefined : reached(newest);
  const reach = reachOf(log);
  if (reach === undefined || top === undefined || isBefore(top, reach)) return true;
  const isWhole = relay !== undefined || !isBefore(reach, top);
  return isAnyBehind && isWhole && goesBeyond(reach, lowest);
}

/** Whether something that another replica has must be given to this one. */
function needsBytes(contender: Contender, other: Contender): boolean {
  if (!isDelayed(contender)) return isBehind(contender, other);
  const order = compareLevels(contender, other);
  return movesReceiverAlone(contender) && order !== 'equal' && order !== 'after';
}

/** Where it goes on: what is executed, since a relay log may be lost; a delayed one's receiver goes on alone. */
function placeOf(contender: Contender): Coordinates | undefined {
  return isDelayed(contender) ? reached(contender) : contender.channel.executed;
}

/** The newest one; where sets are apart, the first one that has something the chosen one lacks. */
function newestOther(chosen: Contender, contenders: readonly Contender[]): Contender | undefined {
  const sorted = newestFirst(contenders);
  const apart = sorted.find((other) => compareLevels(chosen, other) === 'apart');
  return apart ?? sorted[0];
}

/** The source's own log has everything that came through it, unless a fetch has found otherwise. */
function logHolds(log: DeadLog, newest: Contender): boolean {
  const reach = reachOf(log);
  if (!log.readable || reach === undefined) return false;
  const top = reached(newest);
  if (top === undefined) return log.trustedUpTo === undefined;
  return compareCoordinates(reach, top) >= 0;
}

/**
 * Who has received more than the chosen one can be given: there is no log of the source, and no relay log that could be read
 * or brought to it. Where a tail is served, its end is compared with what the newest one has once that is known.
 */
export function outOfReach({ chosen, contenders }: RecoveryInput, sources: Sources): Contender | undefined {
  if (sources.tail || sources.relay !== undefined) return undefined;
  const newest = newestOther(chosen, contenders);
  if (newest === undefined || newest.server === chosen.server) return undefined;
  const order = compareLevels(chosen, newest);
  return order === 'before' || order === 'apart' ? newest : undefined;
}

/**
 * With GTIDs a replica can take what it misses from the new source itself, where that one writes replicated events into
 * its own binary log. The way for those that the recovery source cannot be brought to, or has nothing for.
 */
export function levelsByGtid(
  { chosen, unserved, wishes }: RecoveryInput,
  sources: Sources,
  contender: Contender,
): boolean {
  if (wishes?.repoint === false) return false;
  if (contender.channel.mode === 'coordinates' || !chosen.state.logReplicaUpdates) return false;
  // Whom the file has follow by coordinates begins at the place of the opening, and would leave out what it lacks.
  if (contender.settings.useGtidAutoPos === false) return false;
  const isNothingServed = !sources.tail && sources.relay === undefined;
  return unserved.has(contender.server) || (isNothingServed && compareLevels(contender, chosen) === 'before');
}

/** A replica that holds what it misses in its own relay log only has to apply it. */
export function routeOf({ contenders, unserved }: RecoveryInput, sources: Sources, contender: Contender): Route {
  if (unserved.has(contender.server)) return 'own-relay-log';
  const appliesItself = !losesRelayLogOnStart(contender.channel);
  if (sources.relay?.server === contender.server && appliesItself) return 'own-relay-log';
  if (sources.tail) return 'served';
  const newest = newestFirst(contenders)[0];
  return sources.relay !== undefined && newest !== undefined && isBehind(contender, newest)
    ? 'served'
    : 'own-relay-log';
}

/** Whether a replica needs bytes from before the place where the fetch for the chosen one begins. */
export function isLaggard(input: RecoveryInput, sources: Sources, contender: Contender): boolean {
  return sources.tail && contender.server !== input.chosen.server && needsBytes(contender, input.chosen);
}
