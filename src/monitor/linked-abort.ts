import { setMaxListeners } from 'node:events';

/** A signal of one's own that the parent's abort ends too. `end` aborts it and lets go of the parent. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * `AbortSignal.any` leaves its entry in the parent until it is collected (Node 20); a loop that runs for years under
 * one signal must let go each time.
 */
export function linkedAbort(parent: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  // Every replica is asked under it at once: Node would warn of a leak from the eleventh listener on.
  setMaxListeners(0, controller.signal);
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      parent.removeEventListener('abort', follow);
      controller.abort();
    },
  };
}
