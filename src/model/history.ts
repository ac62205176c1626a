import {
  aheadOf,
  comparePositions,
  formatMariadbPosition,
  furthestPosition,
  type MariadbPosition,
  mariadbPositionOf,
  parseMariadbGtids,
} from './gtid-mariadb.js';
import {
  formatGtidSet,
  type GtidSet,
  isEmptyGtidSet,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from './gtid-mysql.js';
import type { ServerVersion } from './picture.js';

/** Which transactions a server has, in its family's own terms: a set of numbers, or the last one of each domain. */
export type History =
  | { readonly family: 'mysql'; readonly set: GtidSet }
  | { readonly family: 'mariadb'; readonly position: MariadbPosition };

/** `apart`: each has something that the other lacks. */
export type HistoryOrder = 'equal' | 'before' | 'after' | 'apart';

/** Reads what a server prints of itself; undefined when it is not of that family's form. */
export function parseHistory(family: ServerVersion['vendor'], text: string): History | undefined {
  if (family === 'mysql') {
    const set = parseGtidSet(text);
    return set === undefined ? undefined : { family, set };
  }
  const list = parseMariadbGtids(text);
  return list === undefined ? undefined : { family, position: mariadbPositionOf(list) };
}

export function formatHistory(history: History): string {
  return history.family === 'mysql' ? formatGtidSet(history.set) : formatMariadbPosition(history.position);
}

export function isEmptyHistory(history: History): boolean {
  return history.family === 'mysql' ? isEmptyGtidSet(history.set) : history.position.size === 0;
}

/** Histories of two families have nothing in common: the first one stays. */
export function joinHistories(a: History, b: History): History {
  if (a.family === 'mysql' && b.family === 'mysql') return { family: 'mysql', set: unionGtidSets(a.set, b.set) };
  if (a.family === 'mariadb' && b.family === 'mariadb')
    return { family: 'mariadb', position: furthestPosition(a.position, b.position) };
  return a;
}

/** What `wanted` names and `held` has not; of MariaDB's the place of each domain that is not reached. */
export function lackingIn(held: History, wanted: History): History {
  if (held.family === 'mysql' && wanted.family === 'mysql')
    return { family: 'mysql', set: subtractGtidSets(wanted.set, held.set) };
  if (held.family === 'mariadb' && wanted.family === 'mariadb')
    return { family: 'mariadb', position: aheadOf(wanted.position, held.position) };
  return wanted;
}

/** Undefined for two families. MariaDB: a domain whose same number came from two servers makes them `apart`. */
export function compareHistories(a: History, b: History): HistoryOrder | undefined {
  if (a.family !== b.family) return undefined;
  if (a.family === 'mariadb' && b.family === 'mariadb') {
    const order = comparePositions(a.position, b.position);
    return order === 'diverged' ? 'apart' : order;
  }
  const hasAll = isEmptyHistory(lackingIn(a, b));
  const isHeld = isEmptyHistory(lackingIn(b, a));
  if (hasAll) return isHeld ? 'equal' : 'after';
  return isHeld ? 'before' : 'apart';
}
