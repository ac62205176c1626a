import type { RecoveryProgress } from '../ports/recovery.js';

const intervalMs = 200;
const stepBytes = 8 * 1024 * 1024;

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
    if (!last && at - toldAt < intervalMs && progress.bytes - toldBytes < stepBytes) return;
    toldAt = at;
    toldBytes = progress.bytes;
    tell(progress);
  };
}

/** True for a transfer's message when at least 8 MiB more of it have passed than at the last one it was true for. */
export function everyStep(): (progress: Pick<RecoveryProgress, 'kind' | 'server' | 'bytes'>) => boolean {
  const passed = new Map<string, number>();
  return ({ kind, server, bytes }) => {
    const transfer = `${kind} ${server}`;
    const before = passed.get(transfer) ?? 0;
    // Fewer than before: the next transfer of that server has begun.
    if (bytes >= before && bytes - before < stepBytes) return false;
    passed.set(transfer, bytes);
    return bytes >= before;
  };
}
