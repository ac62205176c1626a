import type { Coordinates } from '../../model/coordinates.js';
import {
  containsGtid,
  formatGtidSet,
  type GtidSet,
  gtidSetOf,
  isEmptyGtidSet,
  type MysqlGtid,
  subtractGtidSets,
} from '../../model/gtid-mysql.js';
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

/**
 * MySQL's auto-position: leaves out the transactions that the replica's set has. What came before the held bytes must
 * be in that set, since nobody could send it. A file's head tells what that is. Where the held bytes begin in mid-file,
 * sources count each track up from 1, so the first number held tells: all below it must be there.
 */
export class AutoPositionFilter implements GroupFilter {
  readonly #held: GtidSet;
  readonly #checksum: ChecksumAlgorithm;
  readonly #tracks = new Set<string>();
  #headSeen = false;
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
      if (!this.#headSeen) this.#checkTrack(gtid);
      return this.#begin(!containsGtid(this.#held, gtid));
    }
    if (type === eventType.anonymousGtid) return this.#begin(true);
    if (between.has(type)) {
      if (type === eventType.previousGtids && !this.#inGroup) this.#readHead(event, at);
      return true;
    }
    if (!this.#inGroup) throw refusals.insideTransaction(at);
    return this.#sending;
  }

  /** A replica that has more than what is held is served nothing; that is its right. */
  readonly finish = (): undefined => undefined;

  #begin(sending: boolean): boolean {
    this.#inGroup = true;
    this.#sending = sending;
    return sending;
  }

  #readHead(event: Buffer, at: Coordinates): void {
    const before = parsePreviousGtids(event, this.#checksum);
    if (before === undefined) throw refusals.damaged(at, 'a GTID set that is not understood');
    this.#headSeen = true;
    this.#demand(before);
  }

  #checkTrack({ track, number }: MysqlGtid): void {
    if (this.#tracks.has(track)) return;
    this.#tracks.add(track);
    if (number > 1n) this.#demand(gtidSetOf([[track, [{ first: 1n, last: number - 1n }]]]));
  }

  #demand(before: GtidSet): void {
    const missing = subtractGtidSets(before, this.#held);
    if (!isEmptyGtidSet(missing)) throw refusals.gtidsMissing(formatGtidSet(missing));
  }
}
