import type { Clock } from '../../../src/ports/clock.js';

interface Sleeper {
  readonly at: number;
  wake(): void;
}

export interface FakeClock extends Clock {
  /** Lets time pass: wakes sleepers in order, and lets everybody run in between. */
  advance(ms: number): Promise<void>;
  /** Lets everybody run until nobody has anything to do at this moment. */
  settle(): Promise<void>;
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function fakeClock(): FakeClock {
  let now = 0;
  let sleepers: Sleeper[] = [];
  const next = (until: number): Sleeper | undefined =>
    sleepers.filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];

  return {
    now: () => now,
    wall: () => 1_700_000_000_000 + now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        const sleeper = {
          at: now + ms,
          wake: () => {
            sleepers = sleepers.filter((item) => item !== sleeper);
            signal?.removeEventListener('abort', stop);
            resolve();
          },
        };
        sleepers.push(sleeper);
        const stop = (): void => {
          sleepers = sleepers.filter((item) => item !== sleeper);
          reject(signal?.reason as Error);
        };
        signal?.addEventListener('abort', stop, { once: true });
      }),
    settle,
    advance: async (ms) => {
      const end = now + ms;
      await settle();
      for (let sleeper = next(end); sleeper !== undefined; sleeper = next(end)) {
        now = Math.max(now, sleeper.at);
        sleeper.wake();
        await settle();
      }
      now = end;
    },
  };
}
