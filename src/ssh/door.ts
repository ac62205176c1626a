import type { Door } from '../ports/shell.js';
import { unlessAborted } from './deadline.js';
import { type DialContext, dial } from './dial.js';
import type { Line } from './line.js';
import { type Connect, furtherLines, readCommand, runCommand } from './sessions.js';
import { lost } from './ssh-faults.js';
import type { Target } from './target.js';
import { connectFrom, listenOn, probePort, reachFrom } from './tunnels.js';

/**
 * Room `ssh`: one door to a host's shell. It may import `model`, `ports` and ssh2, and no type of ssh2 leaves it.
 * Invariants: nothing is sent to a host whose key was refused; a command ends when its channel does; an output stream
 * ends regularly only when its command did; every wait is bounded by a deadline or by the line's own pulse.
 *
 * Each command costs a session with a login shell (tenths of a second where its start-up files are slow). A few are
 * kept waiting on each connection; callers still join what belongs together into one command.
 */
export function createDoor(target: Target, context: DialContext): Door {
  const lines = Array.from({ length: 1 + furtherLines }, () => keepLine(target, context));
  const connect: Connect = (signal, further = 0) => lines[further]?.connect(signal) ?? Promise.reject(noLine(further));
  return {
    host: target.host,
    open: async (signal) => {
      await connect(signal);
    },
    run: (command, options) => runCommand(connect, target, command, options),
    read: (command, options) => readCommand(connect, target, command, options?.signal),
    connectFrom: (address, port, deadlineMs) => connectFrom(connect, target, { address, port }, deadlineMs),
    probePort: (address, port, deadlineMs) => probePort(connect, target, { address, port }, deadlineMs),
    reachFrom: (address, port, deadlineMs) => reachFrom(connect, target, { address, port }, deadlineMs),
    listenOn: (accept, port) => listenOn(connect, target, accept, port),
    close: () => {
      for (const kept of lines) kept.close();
    },
  };
}

function noLine(further: number): Error {
  return new RangeError(`bug: no connection ${String(further)}`);
}

/** At most one line at a time, made when it is needed and again when it was lost. */
function keepLine(target: Target, context: DialContext): { readonly connect: Connect; close(): void } {
  let line: Promise<Line> | undefined;
  const closing = new AbortController();

  const dialOnce = (): Promise<Line> => {
    const dialing = dial(target, context, closing.signal);
    const forget = (): void => {
      if (line === dialing) line = undefined;
    };
    // The error itself goes to whoever waits for the line.
    dialing.then((made) => {
      made.warm.start(context.warmth);
      void made.ended.then(forget);
    }, forget);
    return dialing;
  };

  return {
    connect: (signal) => {
      if (closing.signal.aborted) return Promise.reject(lost(target, 'this side has closed it'));
      line ??= dialOnce();
      return unlessAborted(line, signal);
    },
    close: () => {
      closing.abort(new Error('this side has closed it'));
      line?.then(
        (made) => {
          made.close();
        },
        () => undefined, // A connection that never came needs no closing.
      );
    },
  };
}
