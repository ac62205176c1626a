import type { Coordinates } from '../model/coordinates.js';
import {
  furthestPosition,
  formatMariadbPosition,
  type MariadbPosition,
  parseMariadbPosition,
} from '../model/gtid-mariadb.js';
import { emptyGtidSet, formatGtidSet, parseGtidSet, unionGtidSets } from '../model/gtid-mysql.js';
import type { Defect, SavedRange } from '../ports/recovery.js';
import type { FileCopy } from './file-copy.js';

/** What came of a fetch: all its copies as one range, up to a place that a replica can prove to have come to. */
export function joinCopies(from: Coordinates, copies: readonly FileCopy[], defect: Defect | undefined): SavedRange {
  const whole = copies.filter((copy) => copy.reach > copy.from);
  const last = whole.at(-1);
  const behind = defect ?? copies.at(-1)?.defectAtEnd;
  return {
    from,
    to: last === undefined ? from : { file: last.file, position: last.reach },
    bytes: whole.reduce((sum, copy) => sum + copy.reach - copy.from, 0),
    transactions: whole.reduce((sum, copy) => sum + copy.transactions, 0),
    gtids: joinGtids(whole.map((copy) => copy.gtids)),
    ...(behind === undefined ? {} : { defect: behind }),
    files: whole.flatMap((copy) => copy.kept),
  };
}

/** GTIDs of consecutive ranges as one text in the family's own form. */
export function joinGtids(texts: readonly string[]): string {
  const given = texts.filter((text) => text !== '');
  const positions = given.flatMap((text) => parseMariadbPosition(text) ?? []);
  if (positions.length === given.length) {
    const none: MariadbPosition = new Map();
    return formatMariadbPosition(positions.reduce((sum, position) => furthestPosition(sum, position), none));
  }
  const sets = given.flatMap((text) => parseGtidSet(text) ?? []);
  return formatGtidSet(sets.reduce((sum, set) => unionGtidSets(sum, set), emptyGtidSet));
}
