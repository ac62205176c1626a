/**
 * Room `ports`: what the deciding and acting rooms need from the outside world, as interfaces only. Real ones are
 * made in `mysql`, `ssh`, `recovery`, `workdir` and `cli`; tests script them. It may import `model` and nothing else.
 */

/** Time. Waits and durations use `now`; the wall clock is for people only, since it may jump. */
export interface Clock {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
  /** Resolves after `ms`, rejects with the signal's reason when it is aborted before. */
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
}
