import { setTimeout as sleep } from 'node:timers/promises';

/** A transfer that breaks is taken up again where it broke; so often without a byte in between it is given up. */
export const attempts = 3;
/** Pause before the second attempt, longer before each next one: an sshd that is restarted is away for a moment. */
const pauseMs = 150;

export async function pauseAfter(failures: number, signal: AbortSignal): Promise<void> {
  await sleep(pauseMs * failures, undefined, { signal });
}

/** What a broken connection ended is begun anew. Throws the last failure, or the signal's reason. */
export async function tryAgain<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (failures === attempts) throw error;
      await pauseAfter(failures, signal);
    }
  }
}
