import { Fault } from '../model/fault.js';
import type { Channel } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Servers } from '../ports/servers.js';
import { takeFailoverLocks } from './locks.js';
import { usedUp } from './steps/at-rest.js';
import { untilDone } from './steps/stall.js';

export interface PurgeRequest {
  readonly server: ServerId;
  readonly channel: string;
  /** Turns relay_log_purge off where it is on, as MHA wants it; otherwise such a server is left alone. */
  readonly turnOff: boolean;
}

export interface Purged {
  readonly server: ServerId;
  /** `purges-itself`: relay_log_purge is on, there is nothing to do. */
  readonly state: 'purged' | 'purges-itself';
  readonly bytesBefore?: number;
  readonly bytesAfter?: number;
}

/** MHA's wait for the lock that keeps failovers and purges apart. */
const lockSeconds = 200;
const askMs = 10_000;
/** How long the applier may stand still before it comes to the new file. */
const stallMs = 60_000;
/**
 * With parallel appliers MySQL's status stays at the last transaction, whatever file the coordinator reads (seen in 9.7): then that
 * it has had nothing left to read for so long tells that it has come to the new file.
 */
const settledMs = 1_000;

/**
 * Removes relay logs that are applied, on a replica that keeps them (relay_log_purge=0, as MHA wants it). Purging is on for a
 * moment, the receiver begins another file, and the applier removes the old ones as it comes to it. A failover stays out
 * meanwhile; whatever happens, relay_log_purge is off again at the end.
 */
export async function purgeRelayLogs(
  { server, channel: name, turnOff }: PurgeRequest,
  { servers, clock }: { readonly servers: Servers; readonly clock: Clock },
  signal: AbortSignal,
): Promise<Purged> {
  const options = { deadlineMs: askMs, signal };
  const reach = await servers.reach(server, askMs);
  if (reach.kind !== 'answered') throw new Fault('SERVER_SILENT', { server, why: reach.message });
  if (reach.state.relayLogPurge && !turnOff) return { server, state: 'purges-itself' };
  const dialect = servers.dialect(server);
  const look = async (): Promise<Channel> => {
    const channel = (await servers.channels(server, options)).find((one) => one.name === name);
    if (channel === undefined) throw new Fault('CHANNEL_GONE', { server });
    return channel;
  };
  const locks = await takeFailoverLocks(servers, [server], lockSeconds, signal);
  try {
    const before = await look();
    // Without an applier nobody would come to the new file, and without a receiver nobody would begin it.
    if (before.applier !== 'running' || before.receiver !== 'running') {
      throw new Fault('REPLICA_STANDS_STILL', { server, receiver: before.receiver, applier: before.applier });
    }
    try {
      await servers.run(server, [...dialect.relayLogPurge(true), ...dialect.flushRelayLogs(name)], options);
      let idleSince: number | undefined;
      const end = await untilDone(clock, stallMs, signal, async () => {
        const now = await look();
        if (now.relayLogFile !== before.relayLogFile) return { done: true };
        idleSince = usedUp.test(now.applierState) ? (idleSince ?? clock.now()) : undefined;
        if (idleSince !== undefined && clock.now() - idleSince >= settledMs) return { done: true };
        return { done: false, mark: `${now.relayLogFile}:${String(now.relayLogPosition)}` };
      });
      if (end.stalled) throw new Fault('APPLIER_STALLED', { server, seconds: stallMs / 1000, at: end.mark });
    } finally {
      await servers.run(server, dialect.relayLogPurge(false), { deadlineMs: askMs });
    }
    return {
      server,
      state: 'purged',
      bytesBefore: before.relayLogSpace,
      bytesAfter: (await look()).relayLogSpace,
    };
  } finally {
    for (const session of locks) session.close();
  }
}
