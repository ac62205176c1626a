import type { Clock } from '../../ports/clock.js';
import type { Wire } from './wire.js';

/** Does something with the client; when that takes longer the connection is closed, which ends it. */
export async function withDeadline<T>(wire: Wire, clock: Clock, ms: number, work: () => Promise<T>): Promise<T> {
  const done = new AbortController();
  clock.sleep(ms, done.signal).then(
    () => wire.destroy(`the client did not answer within ${String(ms)} ms`),
    () => undefined,
  );
  try {
    return await work();
  } finally {
    done.abort();
  }
}
