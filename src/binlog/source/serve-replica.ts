/**
 * The recovery source: the server side of the replication protocol for one replica, on any byte stream. It may import
 * the model and the clock port; it opens nothing, and it reads rescued bytes through what it is given. Invariant: the
 * replica gets the events of the served log in order, each once, never beyond what is proven whole.
 */
import type { Duplex } from 'node:stream';
import type { Coordinates } from '../../model/coordinates.js';
import type { Account } from '../../model/settings.js';
import type { Clock } from '../../ports/clock.js';
import { type Description, parseDescription } from '../description.js';
import type { ServedLog } from '../served-log.js';
import { eofPacket, errorPacket } from './answers.js';
import { converse } from './conversation.js';
import { withDeadline } from './deadline.js';
import { type Dump, heldStart, readDump } from './dump-start.js';
import { GrowthWatch } from './growth-watch.js';
import { LogStream } from './log-stream.js';
import { login } from './login.js';
import type { SourceIdentity } from './queries.js';
import { Refusal, refusals } from './refusal.js';
import { heartbeatPeriodMs } from './replica-session.js';
import { ExtentReader, type OpenStored } from './stored-bytes.js';
import type { TlsIdentity } from './tls.js';
import { ConnectionEnded, Wire } from './wire.js';

/** The one replica that is let in. */
export interface ReplicaGuard {
  readonly serverId: number;
  readonly serverUuid?: string;
  /** Its password is checked when the replica logs in as this user. */
  readonly account?: Account;
}

export type SourceEvent =
  | { readonly kind: 'logged-in'; readonly user: string; readonly tls: boolean; readonly checked: boolean }
  | { readonly kind: 'unknown-query'; readonly text: string }
  | { readonly kind: 'dump-started'; readonly mode: Dump['mode']; readonly from: Coordinates }
  /** `bytes` of the log since the last such event; `upTo` is behind what was handed to the stream. */
  | { readonly kind: 'sent'; readonly upTo: Coordinates; readonly bytes: number }
  /** Everything held was sent. */
  | { readonly kind: 'level'; readonly at: Coordinates };

export interface ServeOptions {
  /** Opens the file an extent's path names. */
  readonly open: OpenStored;
  readonly clock: Clock;
  readonly tls?: TlsIdentity;
  readonly onEvent?: (event: SourceEvent) => void;
  /** True once the log will not grow any more (tell the growth listeners then). Left out: never known. */
  readonly complete?: () => boolean;
  /** How long a place that is not held yet is waited for before it is refused. Default 10 s. */
  readonly patienceMs?: number;
  /** How long the replica may take for each packet before the dump. Default 30 s. */
  readonly requestDeadlineMs?: number;
}

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
    await serve({ wire, log, identity, guard, options, growth, reader });
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

interface Serving {
  readonly wire: Wire;
  readonly log: ServedLog;
  readonly identity: SourceIdentity;
  readonly guard: ReplicaGuard;
  readonly options: ServeOptions;
  readonly growth: GrowthWatch;
  readonly reader: ExtentReader;
}

async function serve(serving: Serving): Promise<void> {
  const { wire, identity, guard, options } = serving;
  const emit = options.onEvent ?? ((): void => undefined);
  const deadline = <T>(work: () => Promise<T>): Promise<T> =>
    withDeadline(wire, options.clock, options.requestDeadlineMs ?? 30_000, work);
  const { serverVersion, checksum } = await whenHeld(serving, firstDescription, refusals.nothingHeld);
  const { account } = guard;
  const offer = { version: serverVersion, ...(account && { account }), ...(options.tls && { tls: options.tls }) };
  emit({ kind: 'logged-in', ...(await deadline(() => login(wire, offer))) });
  const { request, variables } = await converse({
    wire,
    context: () => ({ identity, checksum, unixTime: Math.floor(options.clock.wall() / 1000) }),
    expected: guard,
    requestDeadline: deadline,
    onUnknownQuery: (text) => emit({ kind: 'unknown-query', text }),
  });
  const dump = readDump(request, variables, checksum);
  const start = await whenHeld(
    serving,
    (log) => heldStart(log, dump),
    () => refusals.notHeld(dump.asked),
  );
  emit({ kind: 'dump-started', mode: dump.mode, from: start });
  const stream = new LogStream(
    {
      wire,
      log: serving.log,
      reader: serving.reader,
      serverId: identity.serverId,
      mode: dump.mode,
      filter: dump.filter,
      annotateRows: request.annotateRows,
      checksum,
      onSent: (upTo, bytes) => emit({ kind: 'sent', upTo, bytes }),
    },
    start,
  );
  await stream.announce(start);
  await follow(serving, stream, dump, { heartbeatMs: heartbeatPeriodMs(variables), waits: !request.nonBlocking });
}

/** Sends what there is, and then what comes, until the connection ends. */
async function follow(
  { wire, growth, options }: Serving,
  stream: LogStream,
  dump: Dump,
  wish: { readonly heartbeatMs: number | undefined; readonly waits: boolean },
): Promise<void> {
  endWhenClientSpeaks(wire);
  // By GTID the replica may have been sent nothing: only a heartbeat tells it where the source stands.
  let heartbeat = dump.mode !== 'coordinates';
  let finished = false;
  for (;;) {
    // Asked before the drain: what grew in between is then sent before the end is drawn.
    const complete = options.complete?.() ?? false;
    await stream.drain();
    if (complete && !finished) dump.filter.finish();
    finished = complete;
    if (!wish.waits) return wire.send(eofPacket());
    options.onEvent?.({ kind: 'level', at: stream.place });
    if (heartbeat) await stream.sendHeartbeat();
    heartbeat = !(await growth.wait(wire, wish.heartbeatMs ?? idleLookMs)) && wish.heartbeatMs !== undefined;
  }
}

/** Without heartbeats we still look at the log now and then. */
const idleLookMs = 10_000;

/** During a dump a replica says nothing but goodbye. */
function endWhenClientSpeaks(wire: Wire): void {
  wire.receive().then(
    () => wire.destroy('the replica ended the dump'),
    () => undefined, // the connection has ended; whoever uses it next is told
  );
}

function firstDescription(log: ServedLog): Description | undefined {
  const start = log.start();
  const stored = start && log.description(start.file);
  return stored && parseDescription(stored);
}

/** Waits, within the patience, for what the fetch may still bring. */
async function whenHeld<T>(
  { wire, log, growth, options }: Serving,
  look: (log: ServedLog) => T | undefined,
  refusal: () => Refusal,
): Promise<T> {
  const { clock } = options;
  const giveUp = clock.now() + (options.patienceMs ?? 10_000);
  for (;;) {
    const complete = options.complete?.() ?? false;
    const found = look(log);
    if (found !== undefined) return found;
    const left = giveUp - clock.now();
    if (complete || left <= 0) throw refusal();
    await growth.wait(wire, left);
  }
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
