import { eventType } from './event-types.js';
import { parseMariadbGtidEvent, parseMysqlGtid } from './gtid-event.js';
import type { EventHeader } from './header.js';
import { parseTaggedGtid } from './tagged-gtid.js';
import { formatMariadbPosition, type MariadbGtid, mariadbPositionOf } from '../model/gtid-mariadb.js';
import { formatGtidSet, type GtidInterval, type GtidSet, gtidSetOf, type MysqlGtid } from '../model/gtid-mysql.js';

/** A transaction's GTID, of either family. */
export type Gtid =
  { readonly family: 'mysql'; readonly gtid: MysqlGtid } | { readonly family: 'mariadb'; readonly gtid: MariadbGtid };

/** The GTID in a GTID event of any kind; undefined for others (anonymous ones too) and for what is cut short. */
export function readGtid(header: EventHeader, event: Buffer): Gtid | undefined {
  if (header.type === eventType.mariadbGtid) {
    const gtid = parseMariadbGtidEvent(event);
    return gtid === undefined ? undefined : { family: 'mariadb', gtid };
  }
  const gtid =
    header.type === eventType.gtid
      ? parseMysqlGtid(event)
      : header.type === eventType.taggedGtid
        ? parseTaggedGtid(event)
        : undefined;
  return gtid === undefined ? undefined : { family: 'mysql', gtid };
}

/**
 * Gathers GTIDs while a log is walked: MySQL's as a set, MariaDB's as the last one of each domain. Consecutive numbers
 * of one server only move an interval's end, so a million transactions cost no memory.
 */
export class GtidCollector {
  readonly #tracks = new Map<string, { first: bigint; last: bigint }[]>();
  readonly #domains = new Map<number, MariadbGtid>();

  add(found: Gtid): void {
    if (found.family === 'mariadb') this.#domains.set(found.gtid.domain, found.gtid);
    else this.#addNumber(found.gtid);
  }

  #addNumber({ track, number }: MysqlGtid): void {
    const intervals = this.#tracks.get(track);
    const last = intervals?.at(-1);
    if (intervals === undefined) this.#tracks.set(track, [{ first: number, last: number }]);
    else if (last?.last === number - 1n) last.last = number;
    else intervals.push({ first: number, last: number });
  }

  get set(): GtidSet {
    return gtidSetOf(this.#tracks as ReadonlyMap<string, readonly GtidInterval[]>);
  }

  get position(): ReadonlyMap<number, MariadbGtid> {
    return mariadbPositionOf(this.#domains.values());
  }

  /** As the family writes it; empty when there were none. */
  format(): string {
    return this.#domains.size > 0 ? formatMariadbPosition(this.position) : formatGtidSet(this.set);
  }
}
