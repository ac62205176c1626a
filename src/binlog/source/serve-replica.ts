/**
 * The recovery source: the server side of the replication protocol for one replica, on any byte stream. It may import
 * the model and the clock port; it opens nothing, and it reads rescued bytes through what it is given. Invariant: the
 * replica gets the events of the served log in order, each once, never beyond what is proven whole.
 */
import type { Duplex } from 'node:stream';
import type { Coordinates } from '../../model/coordinates.js';
import type { ChecksumAlgorithm } from '../checksum.js';
import { type Description, parseDescription } from '../description.js';
import type { ServedLog } from '../served-log.js';
import { errorPacket } from './answers.js';
import { converse, type Wish } from './conversation.js';
import { withDeadline } from './deadline.js';
import { type Dump, heldStart, readDump } from './dump-start.js';
import { endWhenClientSpeaks, followLog } from './follow-log.js';
import { GrowthWatch } from './growth-watch.js';
import { LogStream } from './log-stream.js';
import { login } from './login.js';
import type { SourceIdentity } from './queries.js';
import { Refusal, refusals } from './refusal.js';
import { heartbeatPeriodMs } from './replica-session.js';
import { type ReplicaGuard, type ServeOptions, type Serving, whenHeld } from './serving.js';
import { ExtentReader } from './stored-bytes.js';
import { ConnectionEnded, Wire } from './wire.js';

export type { ReplicaGuard, ServeOptions, SourceEvent } from './serving.js';

export type ServeEnding =
  /** We refused; the replica's receiver shows the text. */
  | { readonly kind: 'refused'; readonly errno: number; readonly text: string }
  | { readonly kind: 'replica-left'; readonly reason: string }
  /** The signal was aborted. */
  | { readonly kind: 'stopped' }
  /** The client had asked for what is there, and no waiting. */
  | { readonly kind: 'finished' };

/**
 * Serves one connection until it ends, and closes the stream. Rejects only when rescued bytes cannot be read or on a
 * mistake of ours; what the replica does is an ending.
 */
export async function serveReplica(
  stream: Duplex,
  log: ServedLog,
  identity: SourceIdentity,
  guard: ReplicaGuard,
  options: ServeOptions,
  signal: AbortSignal,
): Promise<ServeEnding> {
  const wire = new Wire(stream);
  const stop = (): void => wire.destroy('serving was stopped');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  const growth = new GrowthWatch(log, options.clock);
  const reader = new ExtentReader(options.open);
  try {
    const emit = options.onEvent ?? ((): void => undefined);
    await serve({ wire, log, identity, guard, options, growth, reader, emit });
    return { kind: 'finished' };
  } catch (error) {
    if (error instanceof Refusal) return await refuse(wire, error, options);
    if (!(error instanceof ConnectionEnded)) throw error;
    return signal.aborted ? { kind: 'stopped' } : { kind: 'replica-left', reason: error.message };
  } finally {
    signal.removeEventListener('abort', stop);
    growth.stop();
    wire.destroy('serving has ended');
    await reader.close();
  }
}

async function serve(serving: Serving): Promise<void> {
  const { serverVersion, checksum } = await whenHeld(serving, firstDescription, refusals.nothingHeld);
  await welcome(serving, serverVersion);
  const { request, variables } = await hear(serving, checksum);
  endWhenClientSpeaks(serving.wire);
  const dump = readDump(request, variables, checksum);
  const start = await whenHeld(
    serving,
    (log) => heldStart(log, dump),
    () => refusals.notHeld(dump.asked),
    // A refusal would stop its receiver for good; a lost connection is made again, and what it asks for may have come by then.
    () => new ConnectionEnded('what it asks for has not been fetched yet'),
  );
  serving.emit({ kind: 'dump-started', mode: dump.mode, from: start });
  const stream = openStream(serving, dump, { start, checksum, annotateRows: request.annotateRows });
  await stream.announce(start);
  await followLog(serving, stream, dump, { heartbeatMs: heartbeatPeriodMs(variables), waits: !request.nonBlocking });
}

async function welcome({ wire, guard, options, emit }: Serving, version: string): Promise<void> {
  const { account } = guard;
  const { tls } = options;
  const offer = { version, ...(account && { account }), ...(tls && { tls }) };
  emit({
    kind: 'logged-in',
    ...(await withDeadline(wire, options.clock, requestDeadline(options), () => login(wire, offer))),
  });
}

function hear({ wire, identity, guard, options, emit }: Serving, checksum: ChecksumAlgorithm): Promise<Wish> {
  const { clock } = options;
  return converse({
    wire,
    context: () => ({ identity, checksum, unixTime: Math.floor(clock.wall() / 1000) }),
    expected: guard,
    requestDeadline: (work) => withDeadline(wire, clock, requestDeadline(options), work),
    onUnknownQuery: (text) => emit({ kind: 'unknown-query', text }),
  });
}

function requestDeadline(options: ServeOptions): number {
  return options.requestDeadlineMs ?? 30_000;
}

function openStream(
  { wire, log, reader, identity, emit }: Serving,
  { mode, filter }: Dump,
  { start, checksum, annotateRows }: { start: Coordinates; checksum: ChecksumAlgorithm; annotateRows: boolean },
): LogStream {
  const onSent = (upTo: Coordinates, bytes: number): void => emit({ kind: 'sent', upTo, bytes });
  const parts = { wire, log, reader, serverId: identity.serverId, mode, filter, annotateRows, checksum, onSent };
  return new LogStream(parts, start);
}

function firstDescription(log: ServedLog): Description | undefined {
  const start = log.start();
  const stored = start && log.description(start.file);
  return stored && parseDescription(stored);
}

async function refuse(wire: Wire, refusal: Refusal, { clock }: ServeOptions): Promise<ServeEnding> {
  const farewell = async (): Promise<void> => {
    await wire.send(errorPacket(refusal.errno, refusal.message));
    await wire.close();
  };
  // A client that left already does not hear it; the refusal is the ending all the same.
  await withDeadline(wire, clock, 5_000, farewell).catch(() => undefined);
  return { kind: 'refused', errno: refusal.errno, text: refusal.message };
}
