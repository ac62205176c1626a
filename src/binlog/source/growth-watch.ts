import type { Clock } from '../../ports/clock.js';
import type { ServedLog } from '../served-log.js';
import type { Wire } from './wire.js';

/** Waits for the log to grow. What grew since the last wait ended is not missed: the next wait ends at once. */
export class GrowthWatch {
  readonly #clock: Clock;
  readonly stop: () => void;
  #grown = false;
  #wake: (() => void) | undefined;

  constructor(log: ServedLog, clock: Clock) {
    this.#clock = clock;
    this.stop = log.onGrowth(() => {
      this.#grown = true;
      this.#wake?.();
    });
  }

  /** True when the log grew, false when the time passed. Throws ConnectionEnded when the client left. */
  async wait(wire: Wire, ms: number): Promise<boolean> {
    if (!this.#grown) await this.#sleep(wire, ms);
    const grown = this.#grown;
    this.#grown = false;
    return grown;
  }

  async #sleep(wire: Wire, ms: number): Promise<void> {
    const sleep = new AbortController();
    try {
      await wire.whileOpen((resolve) => {
        this.#wake = resolve;
        this.#clock.sleep(ms, sleep.signal).then(resolve, () => undefined);
      });
    } finally {
      this.#wake = undefined;
      sleep.abort();
    }
  }
}
