import { type ServerId, settingsOf } from '../model/settings.js';
import { knock } from '../monitor/knock.js';
import { watch, type WatchEnd } from '../monitor/watch.js';
import { hookLimits } from '../hooks/hook-limits.js';
import { secondOpinion } from '../hooks/secondary-check.js';
import { pingOpener } from '../mysql/ping.js';
import { leaveAs } from '../mysql/take-leave.js';
import { targetOf } from '../mysql/target.js';
import type { Events } from '../ports/events.js';
import type { Workdir } from '../ports/workdir.js';
import type { Parts } from './parts.js';
import { sshPlaceOf } from './ssh-place.js';

export interface WatchOptions {
  readonly source: ServerId;
  readonly replicas: readonly ServerId[];
  readonly dataDir?: string;
  readonly intervalMs: number;
  /** Failed checks in a row that count as death where it cannot be proven. */
  readonly missesForDeath: number;
  readonly events: Events;
  readonly workdir: Pick<Workdir, 'status'>;
  readonly log: (line: string) => void;
}

/** The health loop over this cluster's real servers and hosts. */
export function watchSource(parts: Parts, options: WatchOptions, signal: AbortSignal): Promise<WatchEnd> {
  const server = settingsOf(parts.settings, options.source);
  const { clock, servers, shells } = parts;
  const limits = hookLimits(parts.settings, options.log, { source: server });
  const script = secondOpinion(server, limits);
  const ssh = sshPlaceOf(server);
  return watch(
    {
      source: {
        id: server.id,
        hostname: server.hostname,
        address: server.address,
        port: server.port,
        ...(ssh === undefined ? {} : { ssh }),
        ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
      },
      replicas: options.replicas,
      intervalMs: options.intervalMs,
      policy: { missesForDeath: options.missesForDeath, hasShutdownScript: server.hooks.shutdown !== undefined },
    },
    {
      clock,
      events: options.events,
      workdir: options.workdir,
      servers,
      shells,
      openPing: pingOpener(targetOf(server), server.pingType, options.intervalMs),
      knock,
      takeLeave: leaveAs(server.account),
      ...(script === undefined ? {} : { askScript: script }),
    },
    signal,
  );
}
