import type { Duplex } from 'node:stream';
import { describeError, isFault } from '../model/fault.js';
import type { PortProbe } from '../ports/shell.js';
import { channelStream } from './channel-stream.js';
import { startDeadline, unlessAborted } from './deadline.js';
import { ChannelRefused, type Line } from './line.js';
import { openThrough } from './probe.js';
import { closedIfLate, type Connect } from './sessions.js';
import { asLost, lostReason, noAnswer, notForwarded } from './ssh-faults.js';
import type { Target } from './target.js';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** A connection that the host makes to a place it can reach. */
export async function connectFrom(
  connect: Connect,
  target: Target,
  { address, port }: Place,
  deadlineMs: number,
): Promise<Duplex> {
  const deadline = startDeadline(deadlineMs);
  const to = `${address}:${String(port)}`;
  try {
    const line = await connect(deadline.signal);
    const opening = closedIfLate(line.forwardOut(address, port), deadline.signal);
    const channel = await unlessAborted(opening, deadline.signal);
    return channelStream(channel, () => lostReason(target, line));
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, `a connection to ${to}`, deadlineMs);
    throw error instanceof ChannelRefused ? notForwarded(target, to, error) : asLost(target, error);
  } finally {
    deadline.clear();
  }
}

export async function probePort(
  connect: Connect,
  target: Target,
  place: Place,
  deadlineMs: number,
): Promise<PortProbe> {
  const reached = await reachFrom(connect, target, place, deadlineMs);
  if (typeof reached === 'string') return reached;
  reached.destroy();
  return 'open';
}

export async function reachFrom(
  connect: Connect,
  target: Target,
  { address, port }: Place,
  deadlineMs: number,
): Promise<Duplex | Exclude<PortProbe, 'open'>> {
  const deadline = startDeadline(deadlineMs);
  try {
    const line = await connect(deadline.signal);
    const reached = await openThrough(line, address, port, deadline.signal);
    return typeof reached === 'string' ? reached : channelStream(reached, () => lostReason(target, line));
  } catch {
    // Nobody was asked: the host itself was not reached, and that says nothing of the port.
    return 'cannot-tell';
  } finally {
    deadline.clear();
  }
}

interface Listener {
  readonly port: number;
  readonly lost: Promise<string>;
  close(): Promise<void>;
}

export async function listenOn(
  connect: Connect,
  target: Target,
  accept: (stream: Duplex) => void,
  wanted?: number,
): Promise<Listener> {
  const deadline = startDeadline(target.connectTimeoutMs);
  try {
    const line = await connect(deadline.signal);
    const listening = line.forwardIn((channel) => {
      accept(channelStream(channel, () => lostReason(target, line)));
    }, wanted);
    const port = await unlessAborted(listening, deadline.signal);
    return { port, lost: line.ended.then(describeError), close: () => stopListening(line, port) };
  } catch (error) {
    if (deadline.expired()) throw noAnswer(target, 'a request to listen', target.connectTimeoutMs);
    throw isFault(error) ? error : notForwarded(target, 'its own 127.0.0.1', error);
  } finally {
    deadline.clear();
  }
}

/** A listener on a connection that has ended is closed already. */
async function stopListening(line: Line, port: number): Promise<void> {
  try {
    await line.stopForwardIn(port);
  } catch (error) {
    if (line.whyEnded() === undefined) throw error;
  }
}
