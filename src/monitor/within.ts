import type { Clock } from '../ports/clock.js';
import { linkedAbort } from './linked-abort.js';

/**
 * Gives the work a signal that ends it after `ms`, and stops waiting for it then whether it listens or not. Rejects
 * with the work's own error, or with one that names the time.
 */
export async function within<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const both = linkedAbort(signal);
  const late = clock.sleep(ms, both.signal).then(() => {
    throw new Error(`no answer within ${String(ms)} ms`);
  });
  try {
    return await Promise.race([work(both.signal), late]);
  } finally {
    both.end();
    late.catch(() => undefined);
  }
}
