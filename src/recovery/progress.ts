import type { RecoveryProgress } from '../ports/recovery.js';

const intervalMs = 200;
export const progressStepBytes = 8 * 1024 * 1024;

/**
 * Lets through the first message, then one per 200 ms or 8 MiB, and whatever is told as the last: a long transfer
 * is seen to move, and a fast one does not drown the manager's thread.
 */
export function throttled(
  tell: (progress: RecoveryProgress) => void,
  now: () => number,
): (progress: RecoveryProgress, last?: boolean) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let toldBytes = 0;
  return (progress, last = false) => {
    const at = now();
    if (!last && at - toldAt < intervalMs && progress.bytes - toldBytes < progressStepBytes) return;
    toldAt = at;
    toldBytes = progress.bytes;
    tell(progress);
  };
}
