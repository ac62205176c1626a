import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../ports/clock.js';

/** The machine's own time, for the recovery thread. */
export const threadClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      throw signal?.aborted === true ? signal.reason : error;
    }
  },
};
