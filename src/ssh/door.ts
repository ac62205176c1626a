import type { Duplex, Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { describeError, Fault } from '../model/fault.js';
import type { CommandOptions, CommandResult, Door, PortProbe } from '../ports/shell.js';
import { channelStream } from './channel-stream.js';
import { collect, outputStream } from './command.js';
import { type Deadline, startDeadline, unlessAborted } from './deadline.js';
import { type DialContext, dial } from './dial.js';
import { commandWithInput, guardedCommand } from './guarded-command.js';
import { ChannelRefused, type Line } from './line.js';
import { probeThrough } from './probe.js';
import type { Target } from './target.js';

/**
 * Room `ssh`: one door to a host's shell. It may import `model`, `ports` and ssh2, and no type of ssh2 leaves it.
 * Invariants: nothing is sent to a host whose key was refused; a command ends when its channel does; an output stream
 * ends regularly only when its command did; every wait is bounded by a deadline or by the line's own pulse.
 *
 * Each command costs the start of a login shell (tenths of a second where its start-up files are slow), so
 * callers join what belongs together into one command.
 */
export function createDoor(target: Target, context: DialContext): Door {
  let line: Promise<Line> | undefined;
  let closed = false;

  const connected = (signal?: AbortSignal): Promise<Line> => {
    if (closed) return Promise.reject(lost(target, 'this side has closed it'));
    line ??= connectOnce();
    return unlessAborted(line, signal);
  };
  const connectOnce = (): Promise<Line> => {
    const attempt = dial(target, context).then((made) => {
      if (closed) made.close();
      void made.ended.then(() => forget(attempt));
      return made;
    });
    attempt.catch(() => {
      forget(attempt);
    });
    return attempt;
  };
  const forget = (attempt: Promise<Line>): void => {
    if (line === attempt) line = undefined;
  };

  return {
    host: target.host,
    open: async (signal) => {
      await connected(signal);
    },
    run: (command, options) => runCommand(connected, target, command, options),
    read: (command, options) => readCommand(connected, target, command, options?.signal),
    connectFrom: (address, port, deadlineMs) => connectFrom(connected, target, address, port, deadlineMs),
    probePort: (address, port, deadlineMs) => probePort(connected, address, port, deadlineMs),
    listenOn: (accept) => listenOn(connected, target, accept),
    close: () => {
      closed = true;
      void line?.then(
        (made) => {
          made.close();
        },
        () => undefined, // A connection that never came needs no closing; its error went to whoever asked for it.
      );
    },
  };
}

type Connect = (signal?: AbortSignal) => Promise<Line>;

async function runCommand(
  connect: Connect,
  target: Target,
  command: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const deadline = startDeadline(options.deadlineMs, options.signal);
  let channel: ClientChannel | undefined;
  try {
    const text = options.stdin === undefined ? guardedCommand(command) : commandWithInput(command);
    channel = await openSession(connect, text, deadline.signal);
    return await unlessAborted(collect(channel, options.maxBytes ?? 1024 * 1024, options.stdin), deadline.signal);
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, `"${shortened(command)}"`, options.deadlineMs);
    throw asLost(target, error, options.signal);
  } finally {
    deadline.clear();
    channel?.close();
  }
}

async function readCommand(
  connect: Connect,
  target: Target,
  command: string,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  try {
    const channel = await openSession(connect, guardedCommand(command), signal);
    const stream = outputStream(
      channel,
      (status, message) =>
        new Fault('SSH_COMMAND_FAILED', { host: target.host, status, message, purpose: 'read from that host' }),
    );
    followSignal(stream, signal);
    return stream;
  } catch (error) {
    throw asLost(target, error, signal);
  }
}

function followSignal(stream: Readable, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const abort = (): void => {
    stream.destroy(signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason)));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => {
    signal.removeEventListener('abort', abort);
  });
}

/** A session channel, when it is its turn. A server that allows fewer than we thought is asked again with fewer. */
async function openSession(connect: Connect, text: string, signal: AbortSignal | undefined): Promise<ClientChannel> {
  const line = await connect(signal);
  for (;;) {
    const leave = await line.sessions.enter(signal);
    try {
      const channel = await unlessAborted(closeIfLate(line.exec(text), signal), signal);
      channel.once('close', leave);
      return channel;
    } catch (error) {
      const mayRetry = error instanceof ChannelRefused && line.sessions.inside() > 1;
      if (mayRetry) line.sessions.narrow();
      leave();
      if (!mayRetry) throw error;
    }
  }
}

/** A channel that opens after its caller has gone would stay open unseen. */
function closeIfLate(opening: Promise<ClientChannel>, signal: AbortSignal | undefined): Promise<ClientChannel> {
  return opening.then((channel) => {
    if (signal?.aborted === true) {
      channel.resume();
      channel.stderr.resume();
      channel.close();
    }
    return channel;
  });
}

async function connectFrom(
  connect: Connect,
  target: Target,
  address: string,
  port: number,
  deadlineMs: number,
): Promise<Duplex> {
  const deadline = startDeadline(deadlineMs);
  try {
    const line = await connect(deadline.signal);
    const channel = await unlessAborted(closeIfLate(line.forwardOut(address, port), deadline.signal), deadline.signal);
    return channelStream(channel, () => lostReason(target, line));
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, `a connection to ${address}:${String(port)}`, deadlineMs);
    throw error instanceof ChannelRefused
      ? notForwarded(target, `${address}:${String(port)}`, error)
      : asLost(target, error);
  } finally {
    deadline.clear();
  }
}

async function probePort(connect: Connect, address: string, port: number, deadlineMs: number): Promise<PortProbe> {
  const deadline: Deadline = startDeadline(deadlineMs);
  try {
    const line = await connect(deadline.signal);
    return await probeThrough(line, address, port, deadline.signal);
  } catch {
    // Nobody was asked: the host itself was not reached, which says nothing of the port.
    return 'cannot-tell';
  } finally {
    deadline.clear();
  }
}

async function listenOn(
  connect: Connect,
  target: Target,
  accept: (stream: Duplex) => void,
): Promise<{ readonly port: number; readonly lost: Promise<string>; close(): Promise<void> }> {
  const deadline = startDeadline(target.connectTimeoutMs);
  try {
    const line = await connect(deadline.signal);
    const listening = line.forwardIn((channel) => {
      accept(channelStream(channel, () => lostReason(target, line)));
    });
    const port = await unlessAborted(listening, deadline.signal);
    return {
      port,
      lost: line.ended.then(describeError),
      close: () => unlessEnded(line, line.stopForwardIn(port)),
    };
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, 'a request to listen', target.connectTimeoutMs);
    throw error instanceof Fault ? error : notForwarded(target, 'its own 127.0.0.1', error);
  } finally {
    deadline.clear();
  }
}

/** A listener on a connection that has ended is closed already. */
async function unlessEnded(line: Line, closing: Promise<void>): Promise<void> {
  try {
    await closing;
  } catch (error) {
    if (line.whyEnded() === undefined) throw error;
  }
}

function lostReason(target: Target, line: Line): Error | undefined {
  const reason = line.whyEnded();
  return reason === undefined ? undefined : lost(target, describeError(reason));
}

function lost(target: Target, message: string): Fault {
  return new Fault('SSH_CONNECTION_LOST', { host: target.host, message });
}

/** Our own faults and the caller's abort pass as they are; anything else at this point is the connection's end. */
function asLost(target: Target, error: unknown, signal?: AbortSignal): unknown {
  if (error instanceof Fault || signal?.aborted === true) return error;
  return new Fault('SSH_CONNECTION_LOST', { host: target.host, message: describeError(error) }, { cause: error });
}

function shortened(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

function noAnswer(target: Target, what: string, deadlineMs: number): Fault {
  return new Fault('SSH_NO_ANSWER', { host: target.host, what, deadlineMs });
}

function notForwarded(target: Target, to: string, error: unknown): Fault {
  return new Fault('SSH_NOT_FORWARDED', { host: target.host, to, message: describeError(error) }, { cause: error });
}
