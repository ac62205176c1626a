import { describeError } from '../model/fault.js';
import type { Clock } from '../ports/clock.js';
import type { Workdir } from '../ports/workdir.js';

export interface Holding {
  readonly workdir: Workdir;
  readonly clock: Clock;
  readonly say: (text: string) => void;
}

/**
 * MHA's --wait_on_..._error: what did not end well stays visible in the status for a while, for whoever looks only now and
 * then. A signal ends the wait.
 */
export async function shownWhile<T>(
  failure: { readonly code: 31 | 51; readonly ms: number; readonly sourceHost?: string },
  { workdir, clock, say }: Holding,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  const hold = async (why: string): Promise<void> => {
    if (failure.ms === 0 || signal.aborted) return;
    await workdir.status(failure.code, failure.sourceHost);
    say(`${why}; ending in ${String(failure.ms / 1000)} s`);
    await clock.sleep(failure.ms, signal).catch(() => undefined);
  };
  try {
    const result = await work();
    if (isFailed(result)) await hold('it did not end well');
    return result;
  } catch (error) {
    await hold(describeError(error));
    throw error;
  }
}

function isFailed(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'exit' in result && result.exit !== 0;
}
