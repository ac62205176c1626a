import type { ClientChannel } from 'ssh2';
import type { PortProbe } from '../ports/shell.js';
import { closedIfLate } from './sessions.js';
import { unlessAborted } from './deadline.js';
import { ChannelRefused, type Line } from './line.js';

/** RFC 4254, 5.1: the host tried and failed; every other reason means that it did not try. */
const connectFailed = 2;

/**
 * Opens a connection from the line's host. A port that stays silent until the signal is `no-answer` only if the host
 * itself answered in that time; else nothing is known.
 */
export async function openThrough(
  line: Line,
  address: string,
  port: number,
  signal: AbortSignal,
): Promise<ClientChannel | Exclude<PortProbe, 'open'>> {
  const host = { answered: false };
  line.roundTrip().then(
    () => (host.answered = true),
    () => undefined, // The line ended; the attempt below fails for the same reason.
  );
  const opening = closedIfLate(line.forwardOut(address, port), signal);
  opening.catch(() => undefined); // Read below, or too late for anyone.
  try {
    return await unlessAborted(opening, signal);
  } catch (error) {
    if (error instanceof ChannelRefused) return readRefusal(error);
    return signal.aborted && host.answered ? 'no-answer' : 'cannot-tell';
  }
}

/** sshd gives the system's own words for a failed connect. Words that are not known are not interpreted. */
function readRefusal({ reason, message }: ChannelRefused): Exclude<PortProbe, 'open'> {
  if (reason !== connectFailed) return 'cannot-tell';
  if (/connection refused/i.test(message)) return 'refused';
  return /timed out|no route to host|host is down|unreachable/i.test(message) ? 'no-answer' : 'cannot-tell';
}
