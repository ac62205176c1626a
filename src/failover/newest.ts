import { compareCoordinates, type Coordinates } from '../model/coordinates.js';
import type { Channel } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';

/** A replica as the decision sees it, after its receiver was stopped. */
export interface Level {
  readonly server: ServerId;
  readonly channel: Channel;
}

/**
 * How far a replica has come in the source's coordinates: what its receiver has, or what its applier has executed
 * when that is further (after a relay log was lost). Undefined: its coordinates are not known.
 */
export function reached({ channel }: Level): Coordinates | undefined {
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
  if (receiver !== 'stopped' || applier !== 'stopped' || received === undefined) return false;
  return executed === undefined || compareCoordinates(executed, received) < 0;
}

/**
 * Replicas in the order of how much they have, the newest first; those whose place is unknown come last.
 * Equal ones keep the order they came in: the configuration's, which is the tie-break.
 */
export function newestFirst(levels: readonly Level[]): readonly Level[] {
  return levels.toSorted((a, b) => {
    const left = reached(a);
    const right = reached(b);
    if (left === undefined || right === undefined) return Number(left === undefined) - Number(right === undefined);
    return compareCoordinates(right, left);
  });
}

/** All replicas that have as much as the newest one. */
export function newestGroup(levels: readonly Level[]): readonly Level[] {
  const sorted = newestFirst(levels);
  const first = sorted[0];
  if (first === undefined) return [];
  const top = reached(first);
  if (top === undefined) return sorted;
  return sorted.filter((level) => {
    const place = reached(level);
    return place !== undefined && compareCoordinates(place, top) === 0;
  });
}
