import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { Fault } from '../model/fault.js';
import type { CommandOptions, CommandResult } from '../ports/shell.js';
import { collect, outputStream } from './command.js';
import { asError, startDeadline, unlessAborted } from './deadline.js';
import { commandWithInput, guardedCommand } from './guarded-command.js';
import { ChannelRefused, type Line } from './line.js';
import { asLost, lostReason, noAnswer, notStarted } from './ssh-faults.js';
import type { Target } from './target.js';

/** Gives the live line, connecting if need be. */
export type Connect = (signal?: AbortSignal) => Promise<Line>;

export async function runCommand(
  connect: Connect,
  target: Target,
  command: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const deadline = startDeadline(options.deadlineMs, options.signal);
  let channel: ClientChannel | undefined;
  try {
    const text = options.stdin === undefined ? guardedCommand(command) : commandWithInput(command);
    ({ channel } = await openSession(connect, target, text, deadline.signal));
    return await unlessAborted(collect(channel, options.maxBytes ?? 1024 * 1024, options.stdin), deadline.signal);
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, `"${command}"`, options.deadlineMs);
    throw asLost(target, error, options.signal);
  } finally {
    deadline.clear();
    channel?.close();
  }
}

export async function readCommand(
  connect: Connect,
  target: Target,
  command: string,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  try {
    const { channel, line } = await openSession(connect, target, guardedCommand(command), signal);
    const stream = outputStream(channel, (status, message) => {
      const facts = { host: target.host, status, message, purpose: 'read from that host' };
      return lostReason(target, line) ?? new Fault('SSH_COMMAND_FAILED', facts);
    });
    if (signal !== undefined) destroyOnAbort(stream, signal);
    return stream;
  } catch (error) {
    throw asLost(target, error, signal);
  }
}

function destroyOnAbort(stream: Readable, signal: AbortSignal): void {
  const abort = (): void => {
    stream.destroy(asError(signal.reason));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  stream.once('close', () => {
    signal.removeEventListener('abort', abort);
  });
}

/** A session channel, when it is its turn. A server that allows fewer than we thought is asked again with fewer. */
async function openSession(
  connect: Connect,
  target: Target,
  text: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly channel: ClientChannel; readonly line: Line }> {
  const line = await connect(signal);
  for (;;) {
    const leave = await line.sessions.enter(signal);
    try {
      const channel = await unlessAborted(closedIfLate(line.exec(text), signal), signal);
      channel.once('close', leave);
      return { channel, line };
    } catch (error) {
      const othersRun = line.sessions.inside() > 1;
      if (error instanceof ChannelRefused && othersRun) line.sessions.narrow();
      leave();
      if (!(error instanceof ChannelRefused)) throw error;
      if (!othersRun) throw notStarted(target, error);
    }
  }
}

/** A channel that opens after its caller has gone would stay open unseen. */
export async function closedIfLate(
  opening: Promise<ClientChannel>,
  signal: AbortSignal | undefined,
): Promise<ClientChannel> {
  const channel = await opening;
  if (signal?.aborted === true) {
    channel.resume();
    channel.stderr.resume();
    channel.close();
  }
  return channel;
}
