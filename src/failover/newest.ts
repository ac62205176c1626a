import { compareCoordinates, type Coordinates } from '../model/coordinates.js';
import { compareHistories, type HistoryOrder, isEmptyHistory, lackingIn } from '../model/history.js';
import type { Channel } from '../model/picture.js';
import { holdingsOf, type Level } from './holding.js';

/**
 * How far a replica has come in the source's coordinates: what its receiver has, or what its applier has executed
 * when that is further (after a relay log was lost). Undefined: its coordinates are not known.
 */
export function reached({ channel }: Pick<Level, 'channel'>): Coordinates | undefined {
  const { received, executed } = channel;
  if (received === undefined) return executed;
  if (executed === undefined) return received;
  return compareCoordinates(received, executed) >= 0 ? received : executed;
}

/**
 * MariaDB with GTIDs removes the relay log as either thread is started while both are stopped (sql/slave.cc,
 * start_slave_threads): what such a replica has not applied yet it can only be given again.
 */
export function losesRelayLogOnStart({ mode, receiver, applier, received, executed }: Channel): boolean {
  if (mode !== 'gtid-slave-pos' && mode !== 'gtid-current-pos') return false;
  if (receiver !== 'stopped' || applier !== 'stopped') return false;
  // Not known after a restart, and a receiver that was connected again is shown at the head of a file: there may be something in it.
  return received === undefined || executed === undefined || compareCoordinates(executed, received) !== 0;
}

/**
 * How much of two replicas each has: by coordinates where both are known, else by sets. One that does not know how far
 * it has received (GTID_ONLY, restarted) may have more than it has executed. Undefined: nobody can tell.
 */
export function compareLevels(a: Level, b: Level): HistoryOrder | undefined {
  const knowAll = a.channel.received !== undefined && b.channel.received !== undefined;
  const holdings = knowAll ? undefined : holdingsOf(a, b);
  if (holdings !== undefined) return compareHistories(holdings[0].received, holdings[1].received);
  const left = reached(a);
  const right = reached(b);
  if (left === undefined || right === undefined) return undefined;
  const order = compareCoordinates(left, right);
  return order === 0 ? 'equal' : order < 0 ? 'before' : 'after';
}

/** Whether a replica has yet to be given something that the other one has, received or executed. */
export function isBehind(level: Level, other: Level): boolean {
  const own = level.channel.executed;
  const holdings = own === undefined || other.channel.received === undefined ? holdingsOf(level, other) : undefined;
  if (holdings !== undefined) return !isEmptyHistory(lackingIn(holdings[0].executed, holdings[1].received));
  const theirs = reached(other);
  return own === undefined || theirs === undefined || compareCoordinates(own, theirs) < 0;
}

function isNewer(a: Level, b: Level): boolean {
  const order = compareLevels(a, b);
  if (order !== undefined) return order === 'after';
  return reached(a) !== undefined && reached(b) === undefined;
}

/**
 * Replicas in the order of how much they have, the newest first; one of which nobody can tell comes behind those with
 * coordinates. Equal ones, and those whose sets are apart, keep the order they came in: the configuration's, which
 * is the tie-break.
 */
export function newestFirst<L extends Level>(levels: readonly L[]): readonly L[] {
  const left = [...levels];
  const sorted: L[] = [];
  while (left.length > 0) {
    const next = left.findIndex((level) => left.every((other) => other === level || !isNewer(other, level)));
    sorted.push(...left.splice(Math.max(next, 0), 1));
  }
  return sorted;
}

/** All replicas that have as much as the newest one. */
export function newestGroup<L extends Level>(levels: readonly L[]): readonly L[] {
  const sorted = newestFirst(levels);
  const first = sorted[0];
  if (first === undefined) return [];
  const none = sorted.every((level) => level === first || compareLevels(first, level) === undefined);
  if (none && reached(first) === undefined) return sorted;
  return sorted.filter((level) => level === first || compareLevels(first, level) === 'equal');
}
