import { Fault } from '../model/fault.js';

/**
 * What an error says is to be done about a server that a finished run left behind. Undefined where it says to run the command again: behind
 * the opening there is nothing to repeat. Another failover would be one from a source that is none any more.
 */
export function adviceOf(error: unknown): string | undefined {
  if (!(error instanceof Fault)) return undefined;
  return /\brun (?:the command|the failover|again)\b/i.test(error.next) ? undefined : error.next;
}
