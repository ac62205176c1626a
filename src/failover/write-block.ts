import { Fault } from '../model/fault.js';
import type { Clock } from '../ports/clock.js';

/** The time for which a switch keeps clients from writing: watched, so that it gives up rather than hold them for longer. */
export interface WriteBlock {
  begin(): void;
  /** What is left (a site's own script, the opening itself) has deadlines of its own. */
  end(): void;
  /** Raised with SWITCH_TOO_SLOW when the time is over. */
  readonly signal: AbortSignal;
}

export function watchWriteBlock(clock: Clock, limitMs: number): WriteBlock {
  const over = new AbortController();
  const ended = new AbortController();
  return {
    begin: () => {
      clock.sleep(limitMs, ended.signal).then(
        () => over.abort(new Fault('SWITCH_TOO_SLOW', { seconds: limitMs / 1000 })),
        () => undefined,
      );
    },
    end: () => ended.abort(),
    signal: over.signal,
  };
}
