import { describeError, Fault } from '../model/fault.js';
import type { Line } from './line.js';
import type { Target } from './target.js';

export function lost(target: Target, reason: unknown): Fault {
  const message = typeof reason === 'string' ? reason : describeError(reason);
  return new Fault('SSH_CONNECTION_LOST', { host: target.host, message }, { cause: reason });
}

/** Why the line below a stream is gone, for the stream's own end; undefined while it lives. */
export function lostReason(target: Target, line: Line): Fault | undefined {
  const reason = line.whyEnded();
  return reason === undefined ? undefined : lost(target, reason);
}

/** Our own faults and the caller's abort pass as they are; anything else is the connection's end. */
export function asLost(target: Target, error: unknown, signal?: AbortSignal): unknown {
  return error instanceof Fault || signal?.aborted === true ? error : lost(target, error);
}

/** @param what that was asked of the host; a long command is cut */
export function noAnswer(target: Target, what: string, deadlineMs: number): Fault {
  const short = what.length > 200 ? `${what.slice(0, 200)}...` : what;
  return new Fault('SSH_NO_ANSWER', { host: target.host, what: short, deadlineMs });
}

export function notForwarded(target: Target, to: string, error: unknown): Fault {
  return new Fault('SSH_NOT_FORWARDED', { host: target.host, to, message: describeError(error) }, { cause: error });
}

export function notStarted(target: Target, error: Error): Fault {
  const message = `the SSH server refused a session: ${error.message}`;
  return new Fault(
    'SSH_COMMAND_FAILED',
    { host: target.host, status: 'no start', message, purpose: 'run a command there' },
    { cause: error },
  );
}
