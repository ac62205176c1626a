import type { Clock } from '../ports/clock.js';

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
  const end = new AbortController();
  const both = AbortSignal.any([signal, end.signal]);
  const late = clock.sleep(ms, both).then(() => {
    throw new Error(`no answer within ${String(ms)} ms`);
  });
  try {
    return await Promise.race([work(both), late]);
  } finally {
    end.abort();
    late.catch(() => undefined);
  }
}
