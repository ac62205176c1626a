import { compareCoordinates, type Coordinates, isBefore, latest } from '../model/coordinates.js';
import type { SourceLog } from '../ports/recovery.js';

/** What is known of the dead source's binary log, wherever it lies, when the recovery is planned. */
export type DeadLog =
  | { readonly readable: false; readonly why: string }
  | {
      readonly readable: true;
      /** In the order of use; empty where all that can be had was fetched before its host was switched off. */
      readonly logs: readonly SourceLog[];
      /** The furthest place that one of them claims to hold. */
      readonly end: Coordinates;
      /** Set after a fetch that found a defect: nothing behind this place can be had from any of them. */
      readonly trustedUpTo?: Coordinates;
    };

/**
 * The source's own disk first: it has the most, and what a copy has beyond it is fetched behind it. Then the copies, the
 * furthest first; those that are equal in the order of the configuration.
 */
export function inOrderOfUse(disk: SourceLog | undefined, copies: readonly SourceLog[]): readonly SourceLog[] {
  const sorted = [...copies].sort((a, b) => compareCoordinates(b.end, a.end));
  return disk === undefined ? sorted : [disk, ...sorted];
}

/** @param fetched end of what was fetched already from a disk that is switched off since */
export function deadLog(logs: readonly SourceLog[], why: string, fetched?: Coordinates): DeadLog {
  const end = latest([...(fetched === undefined ? [] : [fetched]), ...logs.map((log) => log.end)]);
  return end === undefined ? { readable: false, why } : { readable: true, logs, end };
}

/** How far it goes, as far as that is known; undefined when there is none. */
export function reachOf(log: DeadLog): Coordinates | undefined {
  return log.readable ? (log.trustedUpTo ?? log.end) : undefined;
}

/** Where nobody could look at the source's own disk: copies are of use only for what somebody lacks. */
export function areCopiesOnly(log: DeadLog): boolean {
  return log.readable && log.logs.length > 0 && log.logs.every(({ copy }) => copy !== undefined);
}

/** Whether copies give anything to those who stand at these places; undefined: somebody's place is not known. */
export function goesBeyond(reach: Coordinates | undefined, lowest: Coordinates | undefined): boolean {
  return reach !== undefined && (lowest === undefined || isBefore(lowest, reach));
}
