import { unlessAborted } from './deadline.js';

/**
 * Lets at most `limit` sessions run at once on a connection; the rest wait in order. sshd allows ten by default
 * (MaxSessions) and fails the next one at once, so the queue has to be on this side.
 */
export interface Gate {
  /** Resolves with the way out, which must be called once. */
  enter(signal?: AbortSignal): Promise<() => void>;
  /** The way out, when there is room and nobody waits for it. */
  tryEnter(): (() => void) | undefined;
  /** The server refused a session although the gate was open: allow no more than run now. */
  narrow(): void;
  /** Sessions inside. */
  inside(): number;
}

export function createGate(limit: number): Gate {
  let allowed = limit;
  let inside = 0;
  const waiting: (() => void)[] = [];
  const admit = (): void => {
    while (inside < allowed) {
      const next = waiting.shift();
      if (next === undefined) return;
      inside += 1;
      next();
    }
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
  return {
    enter: async (signal) => {
      signal?.throwIfAborted();
      let come: () => void = () => undefined;
      const turn = new Promise<void>((resolve) => (come = resolve));
      waiting.push(come);
      admit();
      try {
        await unlessAborted(turn, signal);
      } catch (error) {
        const place = waiting.indexOf(come);
        if (place >= 0) waiting.splice(place, 1);
        // The turn came in the same moment as the abort: hand it on.
        else wayOut()();
        throw error;
      }
      return wayOut();
    },
    tryEnter: () => {
      if (waiting.length > 0 || inside >= allowed) return undefined;
      inside += 1;
      return wayOut();
    },
    narrow: () => {
      allowed = Math.max(1, Math.min(allowed, inside - 1));
    },
    inside: () => inside,
  };
}
