import { setTimeout as sleep } from 'node:timers/promises';
import { describeError, Fault } from '../model/fault.js';

export interface Patience {
  /** What is waited for, to complete "could not ...". */
  readonly what: string;
  readonly deadlineMs: number;
  readonly everyMs?: number;
  /** Asked when time is up: what a person should know then (the end of a log). */
  readonly epitaph?: () => string;
}

/** Asks until the answer is neither undefined nor false. A question that throws counts as "not yet". */
export async function until<T>(
  question: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience,
): Promise<T> {
  const end = performance.now() + patience.deadlineMs;
  let last = 'no answer yet';
  for (;;) {
    try {
      const answer = await question();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = describeError(error);
    }
    if (performance.now() > end) {
      const message = [`not within ${String(patience.deadlineMs)} ms (${last})`, patience.epitaph?.() ?? ''];
      throw new Fault('SANDBOX_FAILED', { what: patience.what, message: message.join('\n').trim() });
    }
    await sleep(patience.everyMs ?? 20);
  }
}

/** The answer, or a fault when it does not come in time. What was asked goes on. */
export async function within<T>(answer: Promise<T>, what: string, deadlineMs: number): Promise<T> {
  const timer = new AbortController();
  const late = sleep(deadlineMs, undefined, { signal: timer.signal }).then(
    () => {
      throw new Fault('SANDBOX_FAILED', { what, message: `not within ${String(deadlineMs)} ms` });
    },
    () => new Promise<never>(() => undefined),
  );
  try {
    return await Promise.race([answer, late]);
  } finally {
    timer.abort();
  }
}
