import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientChannel } from 'ssh2';
import { Fault } from '../model/fault.js';
import type { CommandOptions, CommandResult } from '../ports/shell.js';
import { closeChannel } from './close-channel.js';
import { collect, outputStream } from './command.js';
import { asError, startDeadline, unlessAborted } from './deadline.js';
import { commandWithInput, guardedCommand } from './guarded-command.js';
import { ChannelRefused, type Line } from './line.js';
import { asLost, lostReason, noAnswer, notStarted } from './ssh-faults.js';
import type { Target } from './target.js';

/** Gives the live line, connecting if need be; further ones are counted from 1. */
export type Connect = (signal?: AbortSignal, further?: number) => Promise<Line>;

/** Connections beside the first where each carries one session only (MaxSessions 1). */
export const furtherLines = 3;

export async function runCommand(
  connect: Connect,
  target: Target,
  command: string,
  options: CommandOptions,
): Promise<CommandResult> {
  const deadline = startDeadline(options.deadlineMs, options.signal);
  let channel: ClientChannel | undefined;
  try {
    const order = { command, hasInput: options.stdin !== undefined };
    ({ channel } = await openSession(connect, target, order, deadline.signal));
    return await unlessAborted(collect(channel, options.maxBytes ?? 1024 * 1024, options.stdin), deadline.signal);
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, `"${command}"`, options.deadlineMs);
    throw asLost(target, error, options.signal);
  } finally {
    deadline.clear();
    if (channel !== undefined) closeChannel(channel);
  }
}

export async function readCommand(
  connect: Connect,
  target: Target,
  command: string,
  signal: AbortSignal | undefined,
): Promise<Readable> {
  try {
    const { channel, line } = await openSession(connect, target, { command, hasInput: false }, signal);
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

/**
 * How often a session that was refused with no other beside it is asked for again. sshd frees the place of an ended session
 * only when it has dealt with all that came along with the end, the next request included (OpenSSH 9.2).
 */
const patience = 4;

interface Order {
  readonly command: string;
  readonly hasInput: boolean;
}

interface Session {
  readonly channel: ClientChannel;
  readonly line: Line;
}

/**
 * In a shell that waits, or in a new one. A server that allows fewer sessions than we thought is asked again with fewer; where it
 * allows one, and that is in use, on another connection: a guard holds its session until the end of a run.
 */
async function openSession(
  connect: Connect,
  target: Target,
  { command, hasInput }: Order,
  signal: AbortSignal | undefined,
): Promise<Session> {
  let line = await connect(signal);
  const text = hasInput ? commandWithInput(command) : guardedCommand(command);
  let further = 0;
  for (let refusedAlone = 0; ;) {
    // Each time anew: a shell that has come to wait meanwhile may be what keeps the gate shut.
    const warm = await line.warm.begin(command, hasInput, signal);
    if (warm !== undefined) return { channel: warm, line };
    const { sessions } = line;
    const leave = await (further < furtherLines ? sessions.enterUnlessTaken(signal) : sessions.enter(signal));
    if (leave === undefined) {
      line = await connect(signal, (further += 1));
      continue;
    }
    const hadCompany = line.sessions.inside() > 1;
    try {
      const channel = await unlessAborted(closedIfLate(line.exec(text), signal), signal);
      channel.once('close', () => {
        leave();
        line.warm.fill();
      });
      return { channel, line };
    } catch (error) {
      // One that has ended since the question was asked may have been what there was no room beside.
      const othersRan = hadCompany || line.sessions.inside() > 1;
      if (error instanceof ChannelRefused && othersRan) line.sessions.narrow();
      leave();
      if (!(error instanceof ChannelRefused)) throw error;
      if (othersRan) continue;
      if ((refusedAlone += 1) > patience) throw notStarted(target, error);
      await unlessAborted(sleep(10 * 2 ** refusedAlone), signal);
    }
  }
}

/** A channel that opens after its caller has gone would stay open unseen. */
export async function closedIfLate(
  opening: Promise<ClientChannel>,
  signal: AbortSignal | undefined,
): Promise<ClientChannel> {
  const channel = await opening;
  if (signal?.aborted === true) closeChannel(channel);
  return channel;
}
