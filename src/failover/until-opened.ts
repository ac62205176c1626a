import { setMaxListeners } from 'node:events';
import type { RunFacts } from './hand.js';

/**
 * A signal that follows the outer one until the new source is open. From then on a Ctrl-C no longer stops the run:
 * stopping there would leave replicas behind for nothing, since the promotion cannot be taken back.
 */
export function untilOpened(outer: AbortSignal, facts: RunFacts, ignored: () => void): AbortSignal {
  const inner = new AbortController();
  // All replicas are asked at once under it: Node would warn of a leak from the eleventh on.
  setMaxListeners(0, inner.signal);
  const follow = (): void => {
    if (facts.opened === undefined) inner.abort(outer.reason);
    else ignored();
  };
  if (outer.aborted) follow();
  else outer.addEventListener('abort', follow, { once: true });
  return inner.signal;
}
