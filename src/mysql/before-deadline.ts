export interface Wait {
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The outcome of `work`, or the error `expired()` once the deadline has passed, or the signal's reason. The work itself
 * goes on: who calls this destroys what it runs on. Its late outcome is dropped, since the caller was answered already.
 */
export function beforeDeadline<T>(work: Promise<T>, wait: Wait, expired: () => Error): Promise<T> {
  const { deadlineMs, signal } = wait;
  return new Promise<T>((resolve, reject) => {
    const aborted = (): void => {
      settle(() => {
        reject(reasonOf(signal));
      });
    };
    const late = (): void => {
      settle(() => {
        reject(expired());
      });
    };
    // One more turn of the event loop: an answer that arrived while this process was busy is read before it counts as late.
    const timer = setTimeout(() => setImmediate(late), deadlineMs);
    const settle = (how: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', aborted);
      how();
    };
    work.then(
      (value) => {
        settle(() => {
          resolve(value);
        });
      },
      (error: unknown) => {
        settle(() => {
          reject(error instanceof Error ? error : new Error(String(error)));
        });
      },
    );
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

/** The signal's reason as an error. */
export function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted');
}

/** What is left of a deadline that began at `since` (monotonic milliseconds), never less than one millisecond. */
export function remaining(deadlineMs: number, since: number): number {
  return Math.max(1, deadlineMs - (performance.now() - since));
}
