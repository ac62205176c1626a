import { Fault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Servers, Session } from '../ports/servers.js';

/** MHA's name: a manager of either kind, and purge_relay_logs, keep out of each other's way by it. */
const failoverLock = 'MHA_Master_High_Availability_Failover';

/** Takes the failover lock on each replica, so that two managers cannot act. Gives back the sessions that hold it. */
export async function takeFailoverLocks(
  servers: Servers,
  replicas: readonly ServerId[],
  seconds: number,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const options = { deadlineMs: seconds * 1000 + 5_000, signal };
  const held: Session[] = [];
  const attempts = await Promise.allSettled(
    replicas.map(async (server) => {
      const session = await servers.hold(server, options);
      held.push(session);
      const rows = await session.ask(servers.dialect(server).takeLock(failoverLock, seconds), options);
      if (Number(rows[0]?.['answer'] ?? 0) !== 1) throw new Fault('LOCK_HELD', { server, lock: failoverLock });
    }),
  );
  const refused = attempts.find((attempt) => attempt.status === 'rejected');
  if (refused === undefined) return held;
  for (const session of held) session.close();
  throw refused.reason;
}
