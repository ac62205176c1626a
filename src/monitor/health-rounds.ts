import type { Clock } from '../ports/clock.js';
import type { HealthConnection } from './health-connection.js';
import { linkedAbort } from './linked-abort.js';

/** Connections and shells that will be asked after a death must be open by then. */
interface KeptWarm {
  keepWarm(deadlineMs: number): Promise<void>;
}

export interface RoundsOptions {
  readonly intervalMs: number;
  readonly connection: HealthConnection;
  readonly keptWarm: readonly KeptWarm[];
  readonly onGood: () => Promise<void>;
  /** It lives, but nobody could say that it serves: its status is left to grow old. */
  readonly onRefusal: (message: string) => void;
}

const leastWarmMs = 2_000;

/** The checks of a source that lives, in the configured rhythm. */
export class HealthRounds {
  readonly #options: RoundsOptions;
  readonly #clock: Clock;
  #warming: Promise<void> | undefined;

  constructor(options: RoundsOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** Why a check failed; undefined when the signal ended the rounds. */
  async untilMiss(signal: AbortSignal): Promise<string | undefined> {
    const { connection, intervalMs, onGood, onRefusal } = this.#options;
    const isEnded = (): boolean => signal.aborted;
    while (!isEnded()) {
      const startedAt = this.#clock.now();
      const check = await connection.check();
      if (isEnded()) return undefined;
      if (check.kind === 'miss') return check.message;
      if (check.kind === 'refused-us') onRefusal(check.message);
      if (check.kind === 'ok') await onGood();
      this.#keepWarm();
      const lost = await this.#restUntil(startedAt + intervalMs, signal);
      if (lost !== undefined) return lost;
    }
    return undefined;
  }

  /** Waits for the next turn. Returns at once, with the reason, when the connection breaks meanwhile. */
  async #restUntil(at: number, signal: AbortSignal): Promise<string | undefined> {
    const stop = linkedAbort(signal);
    const slept = this.#clock.sleep(Math.max(0, at - this.#clock.now()), stop.signal);
    try {
      const outcome = await this.#options.connection.unlessLost(slept.catch(() => undefined));
      return 'lost' in outcome ? outcome.lost : undefined;
    } finally {
      stop.end();
    }
  }

  /** Behind the checks, never before them. */
  #keepWarm(): void {
    if (this.#warming !== undefined) return;
    const { keptWarm, intervalMs } = this.#options;
    const deadlineMs = Math.max(intervalMs, leastWarmMs);
    this.#warming = Promise.allSettled(keptWarm.map((part) => part.keepWarm(deadlineMs))).then(() => {
      this.#warming = undefined;
    });
  }
}
