import type { Coordinates } from '../../model/coordinates.js';
import type { Account } from '../../model/settings.js';
import type { Clock } from '../../ports/clock.js';
import type { ServedLog } from '../served-log.js';
import type { GrowthWatch } from './growth-watch.js';
import type { SourceIdentity } from './queries.js';
import type { Refusal } from './refusal.js';
import type { DumpMode } from './sent-description.js';
import type { ExtentReader, OpenStored } from './stored-bytes.js';
import type { TlsIdentity } from './tls.js';
import type { Wire } from './wire.js';

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
  | { readonly kind: 'dump-started'; readonly mode: DumpMode; readonly from: Coordinates }
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
  /** How long a place that is not held yet is waited for before the replica is sent away. Default 10 s. */
  readonly patienceMs?: number;
  /** How long the replica may take for each packet before the dump. Default 30 s. */
  readonly requestDeadlineMs?: number;
}

/** One connection being served: what its parts share. */
export interface Serving {
  readonly wire: Wire;
  readonly log: ServedLog;
  readonly identity: SourceIdentity;
  readonly guard: ReplicaGuard;
  readonly options: ServeOptions;
  readonly growth: GrowthWatch;
  readonly reader: ExtentReader;
  readonly emit: (event: SourceEvent) => void;
}

/** Waits, within the patience, for what the fetch may still bring. `late`: it is over, and the fetch still runs. */
export async function whenHeld<T>(
  { wire, log, growth, options }: Serving,
  look: (log: ServedLog) => T | undefined,
  refusal: () => Refusal,
  late: () => Error = refusal,
): Promise<T> {
  const { clock } = options;
  const giveUp = clock.now() + (options.patienceMs ?? 10_000);
  for (;;) {
    const complete = options.complete?.() ?? false;
    const found = look(log);
    if (found !== undefined) return found;
    const left = giveUp - clock.now();
    if (complete) throw refusal();
    if (left <= 0) throw late();
    await growth.wait(wire, left);
  }
}
