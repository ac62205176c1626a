import { compareCoordinates } from '../model/coordinates.js';
import { isAnnotationSize } from './annotation-filler.js';
import { eventType } from './event-types.js';
import type { SourceEvent } from './relay-events.js';
import type { RunBuilder } from './relay-run.js';
import { isFileEvent } from './transaction.js';

/** How an event lies to a run: `again` begins what was cut, `held` is known already. */
export type Fit = 'next' | 'behind-annotation' | 'again' | 'held' | 'behind-hole';

/** What was seen of the relay log since the run's last event. */
export interface Since {
  /** The source was asked again and may repeat some events. */
  readonly reconnected: boolean;
  /** The relay file before is damaged, or does not say that this one follows it. */
  readonly cut: boolean;
  /** Type of that event. */
  readonly last: number;
}

export function fitOf(run: RunBuilder, event: SourceEvent, since: Since, vendor: string | undefined): Fit {
  if (run.hasEnded) return 'behind-hole';
  const order = compareCoordinates(event.at, run.expected);
  if (order === 0) return 'next';
  if (order > 0) {
    return vendor === 'mariadb' && isBehindAnnotation(run, event, since) ? 'behind-annotation' : 'behind-hole';
  }
  // A connection by GTID begins with the file's head and checkpoints again, whatever it skips behind them.
  if (isFileEvent(event.header.type)) return 'held';
  const behind = since.reconnected ? compareCoordinates(event.at, run.boundary) : 1;
  if (behind < 0) return 'held';
  return behind === 0 ? 'again' : 'behind-hole';
}

/**
 * A statement's text stands in front of its first table map, behind the transaction's GTID or what an earlier statement
 * did (a table map alone does nothing). Receivers drop nothing else inside of a transaction; what a damaged or missing
 * relay file has lost is something else.
 */
function isBehindAnnotation(run: RunBuilder, { header, at, checksum }: SourceEvent, { cut, last }: Since): boolean {
  if (header.type !== eventType.tableMap || last === eventType.tableMap || cut) return false;
  if (!run.isOpen || at.file !== run.expected.file) return false;
  return isAnnotationSize(at.position - run.expected.position, checksum);
}
