import type { Coordinates } from '../../model/coordinates.js';
import { formatMariadbGtid, type MariadbGtid, type MariadbPosition } from '../../model/gtid-mariadb.js';
import type { ChecksumAlgorithm } from '../checksum.js';
import { eventType } from '../event-types.js';
import { parseMariadbGtidEvent } from '../gtid-event.js';
import { parseGtidList } from '../gtid-list.js';
import type { GroupFilter } from './group-filter.js';
import { refusals } from './refusal.js';

/** Events between transactions; they are sent whatever is skipped. */
const between: ReadonlySet<number> = new Set([
  eventType.stop,
  eventType.rotate,
  eventType.formatDescription,
  eventType.binlogCheckpoint,
  eventType.gtidList,
]);

/** One domain of the log, as far as it was gone through. */
interface Domain {
  /** Where the replica stands; undefined when its position does not name the domain. */
  readonly wanted: MariadbGtid | undefined;
  begun: boolean;
  /** Behind the replica's place: everything from here on is new to it. */
  reached: boolean;
}

/**
 * MariaDB's `gtid_slave_pos`: per domain one GTID, behind which the replica goes on. That very GTID must be found in
 * the held bytes or be the one directly before them. Comparing numbers alone would pass over a hole, or over a server
 * that went its own way.
 */
export class SlavePosFilter implements GroupFilter {
  readonly #position: MariadbPosition;
  readonly #checksum: ChecksumAlgorithm;
  readonly #domains = new Map<number, Domain>();
  /** What came before the held bytes, where they begin with a file's head. */
  #before: readonly MariadbGtid[] | undefined;
  #inGroup = false;
  #sending = false;

  constructor(position: MariadbPosition, checksum: ChecksumAlgorithm) {
    this.#position = position;
    this.#checksum = checksum;
  }

  sends(type: number, event: Buffer, at: Coordinates): boolean {
    if (type === eventType.mariadbGtid) {
      const gtid = parseMariadbGtidEvent(event);
      if (gtid === undefined) throw refusals.damaged(at, 'a GTID that is not understood');
      this.#inGroup = true;
      this.#sending = this.#startsGroup(gtid);
      return this.#sending;
    }
    if (between.has(type)) {
      if (type === eventType.gtidList && !this.#inGroup) this.#before ??= parseGtidList(event, this.#checksum);
      return true;
    }
    if (!this.#inGroup) throw refusals.insideTransaction(at);
    return this.#sending;
  }

  /** At the end of what is held every domain's place must have been met, or be the one that it all begins behind. */
  finish(): void {
    for (const wanted of this.#position.values()) {
      const domain = this.#domains.get(wanted.domain);
      const met = domain?.reached ?? !this.#beganElsewhere(wanted);
      if (!met) throw refusals.gtidNotHeld(formatMariadbGtid(wanted), 'the replica is ahead of what was rescued');
    }
  }

  #startsGroup(gtid: MariadbGtid): boolean {
    const domain = this.#domain(gtid.domain);
    const { wanted, begun } = domain;
    domain.begun = true;
    if (domain.reached) return true;
    if (wanted !== undefined && same(wanted, gtid)) {
      domain.reached = true;
      return false;
    }
    if (!begun && this.#directlyBehind(wanted, gtid)) {
      domain.reached = true;
      return true;
    }
    if (wanted !== undefined && this.#mayStillCome(wanted, gtid)) return false;
    const place = wanted === undefined ? `none of domain ${String(gtid.domain)}` : formatMariadbGtid(wanted);
    throw refusals.gtidNotHeld(place, `the rescued bytes go on at ${formatMariadbGtid(gtid)}`);
  }

  /** Is the domain's first held transaction the one after the replica's place? The list tells, else the number. */
  #directlyBehind(wanted: MariadbGtid | undefined, first: MariadbGtid): boolean {
    const last = this.#lastBefore(first.domain);
    if (last !== undefined) return wanted !== undefined && same(last, wanted);
    if (this.#before !== undefined && wanted === undefined) return true;
    return first.sequence === (wanted?.sequence ?? 0n) + 1n;
  }

  /**
   * Numbers of one server only go up. Those of two servers in one domain may be out of order: where a file's head
   * says what came before, the place is yet to be met whatever another server's numbers are.
   */
  #mayStillCome(wanted: MariadbGtid, gtid: MariadbGtid): boolean {
    return gtid.sequence <= wanted.sequence || (this.#before !== undefined && gtid.server !== wanted.server);
  }

  #beganElsewhere(wanted: MariadbGtid): boolean {
    const last = this.#lastBefore(wanted.domain);
    return last !== undefined && !same(last, wanted);
  }

  /** The list holds each domain's newest entry last. */
  #lastBefore(domain: number): MariadbGtid | undefined {
    return this.#before?.filter((gtid) => gtid.domain === domain).at(-1);
  }

  #domain(id: number): Domain {
    const known = this.#domains.get(id);
    if (known !== undefined) return known;
    const fresh: Domain = { wanted: this.#position.get(id), begun: false, reached: false };
    this.#domains.set(id, fresh);
    return fresh;
  }
}

function same(a: MariadbGtid, b: MariadbGtid): boolean {
  return a.server === b.server && a.sequence === b.sequence;
}
