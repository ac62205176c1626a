import { unlessAborted } from './deadline.js';

/**
 * Lets at most `limit` sessions run at once on a connection; the rest wait in order. sshd allows ten by default
 * (MaxSessions) and fails the next one at once, so the queue has to be on this side.
 */
export interface Gate {
  /** Resolves with the way out, which must be called once. */
  enter(signal?: AbortSignal): Promise<() => void>;
  /**
   * The same; undefined as soon as it is known that the server allows one session, and that is in use: who waits then may wait
   * for as long as a guard stands.
   */
  enterUnlessTaken(signal?: AbortSignal): Promise<(() => void) | undefined>;
  /** The way out, when there is room and nobody waits for it. */
  tryEnter(): (() => void) | undefined;
  /** The server refused a session although the gate was open: allow no more than run now. */
  narrow(): void;
  /** Sessions inside. */
  inside(): number;
}

interface Waiter {
  readonly come: (answer: 'in' | 'away') => void;
  /** Waits for its turn however long that takes. */
  readonly stays: boolean;
}

export function createGate(limit: number): Gate {
  let allowed = limit;
  let inside = 0;
  const waiting: Waiter[] = [];
  const isTaken = (): boolean => allowed === 1 && inside > 0;
  const admit = (): void => {
    while (inside < allowed) {
      const next = waiting.shift();
      if (next === undefined) return;
      inside += 1;
      next.come('in');
    }
    if (!isTaken()) return;
    const staying = waiting.filter(({ stays }) => stays);
    for (const { come } of waiting.splice(0, waiting.length, ...staying).filter(({ stays }) => !stays)) come('away');
  };
  const wayOut = (): (() => void) => {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      inside -= 1;
      admit();
    };
  };
  const queue = async (stays: boolean, signal: AbortSignal | undefined): Promise<(() => void) | undefined> => {
    signal?.throwIfAborted();
    let come: Waiter['come'] = () => undefined;
    const turn = new Promise<'in' | 'away'>((resolve) => (come = resolve));
    const waiter = { come, stays };
    waiting.push(waiter);
    admit();
    try {
      return (await unlessAborted(turn, signal)) === 'in' ? wayOut() : undefined;
    } catch (error) {
      const place = waiting.indexOf(waiter);
      if (place >= 0) waiting.splice(place, 1);
      // The turn came in the same moment as the abort: hand it on.
      else if ((await turn) === 'in') wayOut()();
      throw error;
    }
  };
  return {
    enter: async (signal) => {
      const leave = await queue(true, signal);
      if (leave === undefined) throw new Error('bug: somebody who stays was sent away');
      return leave;
    },
    enterUnlessTaken: (signal) => queue(false, signal),
    tryEnter: () => {
      if (waiting.length > 0 || inside >= allowed) return undefined;
      inside += 1;
      return wayOut();
    },
    narrow: () => {
      allowed = Math.max(1, Math.min(allowed, inside - 1));
      admit();
    },
    inside: () => inside,
  };
}
