import type { Clock } from '../ports/clock.js';
import { linkedAbort } from './linked-abort.js';

/** Lets one side wait, within a deadline, for a condition that the other side changes and rings for. */
export class Alarm {
  readonly #clock: Clock;
  #waiters: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }

  /** Resolves when the alarm rings, or after `ms`. Rejects with the signal's reason when that is aborted. */
  async rest(ms: number, signal: AbortSignal): Promise<void> {
    const stop = linkedAbort(signal);
    let wake = (): void => undefined;
    const rung = new Promise<void>((resolve) => {
      wake = resolve;
      this.#waiters.push(wake);
    });
    const slept = this.#clock.sleep(ms, stop.signal);
    try {
      await Promise.race([rung, slept]);
    } finally {
      stop.end();
      this.#waiters = this.#waiters.filter((waiter) => waiter !== wake);
      slept.catch(() => undefined);
    }
  }

  /** True as soon as the condition holds; false when the time is up. */
  async waitFor(condition: () => boolean, ms: number, signal: AbortSignal): Promise<boolean> {
    const end = this.#clock.now() + ms;
    while (!condition()) {
      const left = end - this.#clock.now();
      if (left <= 0) return false;
      await this.rest(left, signal);
    }
    return true;
  }
}
