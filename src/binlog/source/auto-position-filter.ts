import type { Coordinates } from '../../model/coordinates.js';
import { containsGtid, formatGtidSet, type GtidSet, isEmptyGtidSet, subtractGtidSets } from '../../model/gtid-mysql.js';
import type { ChecksumAlgorithm } from '../checksum.js';
import { eventType } from '../event-types.js';
import { parseMysqlGtid } from '../gtid-event.js';
import { parsePreviousGtids } from '../previous-gtids.js';
import { parseTaggedGtid } from '../tagged-gtid.js';
import type { GroupFilter } from './group-filter.js';
import { refusals } from './refusal.js';

/** Events between transactions; they are sent whatever is skipped. */
const between: ReadonlySet<number> = new Set([
  eventType.stop,
  eventType.rotate,
  eventType.formatDescription,
  eventType.previousGtids,
]);

/** MySQL's auto-position: leaves out the transactions that the replica's set has. */
export class AutoPositionFilter implements GroupFilter {
  readonly #held: GtidSet;
  readonly #checksum: ChecksumAlgorithm;
  #inGroup = false;
  #sending = false;

  constructor(held: GtidSet, checksum: ChecksumAlgorithm) {
    this.#held = held;
    this.#checksum = checksum;
  }

  sends(type: number, event: Buffer, at: Coordinates): boolean {
    if (type === eventType.gtid || type === eventType.taggedGtid) {
      const gtid = type === eventType.gtid ? parseMysqlGtid(event) : parseTaggedGtid(event);
      if (gtid === undefined) throw refusals.damaged(at, 'a GTID that is not understood');
      return this.#begin(!containsGtid(this.#held, gtid));
    }
    if (type === eventType.anonymousGtid) return this.#begin(true);
    if (between.has(type)) {
      if (type === eventType.previousGtids && !this.#inGroup) this.#checkReachable(event, at);
      return true;
    }
    if (!this.#inGroup) throw refusals.insideTransaction(at);
    return this.#sending;
  }

  /** A replica that has more than what is held is served nothing; that is its right. */
  finish(): void {}

  #begin(sending: boolean): boolean {
    this.#inGroup = true;
    this.#sending = sending;
    return sending;
  }

  /** What came before the held bytes must be there already: nobody could send it. */
  #checkReachable(event: Buffer, at: Coordinates): void {
    const before = parsePreviousGtids(event, this.#checksum);
    if (before === undefined) throw refusals.damaged(at, 'a GTID set that is not understood');
    const missing = subtractGtidSets(before, this.#held);
    if (!isEmptyGtidSet(missing)) throw refusals.gtidsMissing(formatGtidSet(missing));
  }
}
