import { type Coordinates, isBefore } from '../model/coordinates.js';
import { describeError, isFault } from '../model/fault.js';
import type { FetchedRange, SavedRange, SourceLog, TailRequest } from '../ports/recovery.js';
import type { FetchRequest } from './open-tail.js';
import { unreadable } from './tail-defects.js';

type FetchOne = (request: FetchRequest) => Promise<SavedRange>;

/**
 * The tail from several logs: each goes on where the one before it came to its end, whatever ended it. The source's own is
 * always asked, since it may have grown since it was looked at; a copy that ended before that place has nothing to give.
 */
export async function fetchLogs(
  { logs, ...request }: TailRequest,
  serverId: number,
  fetchOne: FetchOne,
  signal: AbortSignal,
): Promise<readonly FetchedRange[]> {
  const ranges: FetchedRange[] = [];
  const failures: unknown[] = [];
  let from = request.from;
  for (const log of logs) {
    if (request.until !== undefined && !isBefore(from, request.until)) break;
    if (!mayHaveMore(log, from, ranges.length > 0)) continue;
    const ofServer = log.copy === undefined ? {} : { ofServer: serverId };
    const { host, binlogBase } = log;
    try {
      const range = await fetchOne({ ...request, ...ofServer, host, binlogBase, from });
      ranges.push(named(log, range));
    } catch (error) {
      signal.throwIfAborted();
      // What is too long for one of them is too long for all.
      if (isFault(error, 'RESCUE_TOO_LONG')) throw error;
      failures.push(error);
      ranges.push(named(log, nothing(from, describeError(error))));
    }
    from = ranges.at(-1)?.to ?? from;
  }
  if (failures.length > 0 && failures.length === ranges.length) throw failures[0];
  return ranges;
}

/** As the only one a copy is asked for its very end as well: serving needs the head of the file that it lies in. */
function mayHaveMore({ copy, end }: SourceLog, from: Coordinates, isContinued: boolean): boolean {
  return copy === undefined || isBefore(from, end) || (!isContinued && !isBefore(end, from));
}

function named({ host, copy }: SourceLog, range: SavedRange): FetchedRange {
  return { host, ...(copy === undefined ? {} : { copy }), ...range };
}

/** A log that could not be begun. */
function nothing(at: Coordinates, why: string): SavedRange {
  return { from: at, to: at, bytes: 0, transactions: 0, gtids: '', defect: unreadable(at, why), files: [] };
}
