import { findServer } from '../config/find-server.js';
import { deriveTopology } from '../failover/preflight/topology.js';
import { type Purged, purgeRelayLogs } from '../failover/purge-relay-logs.js';
import { describeError, Fault } from '../model/fault.js';
import type { Reach } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import { formatFault } from './fault-words.js';
import { openParts } from './parts.js';
import { preflightRefused } from './prepare.js';
import { addressesOf } from './resolve.js';
import { abortOnSignals } from './signals.js';

export interface PurgeOptions {
  readonly settings: ClusterSettings;
  /** Replicas to purge; empty: all. */
  readonly names: readonly string[];
  readonly turnOff: boolean;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

export interface PurgeLine extends Partial<Purged> {
  readonly server: ServerId;
  readonly ok: boolean;
  readonly text: string;
}

const observeMs = 5_000;

/** One replica after the other: at any moment a failover has at most one to wait for. */
export async function purgeAll(options: PurgeOptions): Promise<readonly PurgeLine[]> {
  const { settings, names, turnOff, say, print } = options;
  const wanted = await Promise.all(names.map(async (name) => (await findServer(settings, name)).id));
  const parts = openParts(settings, say);
  const signals = abortOnSignals(say);
  try {
    const picture = await parts.servers.observe(observeMs);
    const { source, replicas, refusals } = deriveTopology(settings, picture, await addressesOf(picture));
    // Nobody can be told to be a replica then, and nothing done must not look like nothing to do.
    if (source === undefined) throw preflightRefused(refusals);
    const isReplica = (id: ServerId): boolean => replicas.some(({ server }) => server === id);
    // Who gives no answer may be a replica whose disk fills up.
    const silent = [...picture.servers]
      .filter(([id, { kind }]) => kind !== 'answered' && id !== source)
      .map(([id]) => id);
    const strangers = wanted.length > 0 ? wanted.filter((id) => !isReplica(id)) : silent;
    const lines: PurgeLine[] = strangers.map((server) => ({
      server,
      ok: false,
      text: whyNone(picture.servers.get(server)),
    }));
    for (const { server, channel } of replicas) {
      if (wanted.length > 0 && !wanted.includes(server)) continue;
      lines.push(await purgeOne({ server, channel, turnOff }, parts, signals.signal));
    }
    for (const { server, text } of lines) print(`${server}: ${text}`);
    return lines;
  } finally {
    signals.stop();
    await parts.close();
  }
}

function whyNone(reach: Reach | undefined): string {
  return reach === undefined || reach.kind === 'answered' ? 'it is no replica' : `it does not answer: ${reach.message}`;
}

async function purgeOne(
  request: Parameters<typeof purgeRelayLogs>[0],
  parts: Parameters<typeof purgeRelayLogs>[1],
  signal: AbortSignal,
): Promise<PurgeLine> {
  const { server } = request;
  try {
    const purged = await purgeRelayLogs(request, parts, signal);
    return { ...purged, ok: true, text: words(purged) };
  } catch (error) {
    return { server, ok: false, text: error instanceof Fault ? formatFault(error) : describeError(error) };
  }
}

function words({ state, bytesBefore = 0, bytesAfter = 0 }: Purged): string {
  if (state === 'purges-itself') return 'relay_log_purge is on: the server removes them itself';
  return `relay logs purged: ${String(bytesBefore)} bytes before, ${String(bytesAfter)} now`;
}
