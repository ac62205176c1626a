import { Fault, isFault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { AskOptions, Servers, Session } from '../ports/servers.js';

/** MHA's name: a manager of either kind, and purge_relay_logs, keep out of each other's way by it. */
const failoverLock = 'MHA_Master_High_Availability_Failover';

/** MHA's as well: held on a source by the manager that watches it. */
const monitorLock = 'MHA_Master_High_Availability_Monitor';
/** MHA does not wait; a manager that has just been ended is given the moment in which the server learns of it. */
const endedSeconds = 1;

export interface FailoverLocks {
  /** The sessions that hold them. */
  readonly sessions: readonly Session[];
  /** Replicas that could not be asked, with the reason. */
  readonly silent: ReadonlyMap<ServerId, Fault>;
}

/** Takes the failover lock on each replica, so that two managers cannot act. Gives back the sessions that hold it. */
export async function takeFailoverLocks(
  servers: Servers,
  replicas: readonly ServerId[],
  seconds: number,
  signal: AbortSignal,
): Promise<readonly Session[]> {
  const { sessions, silent } = await lockThoseThatAnswer(servers, replicas, seconds, signal);
  const [first] = silent.values();
  if (first === undefined) return sessions;
  for (const session of sessions) session.close();
  throw first;
}

/**
 * The same where a replica may have died a moment ago: it is left out. Another manager that reaches any of the others is
 * kept out all the same; a lock that is held, or refused, anywhere ends the attempt.
 */
export async function lockThoseThatAnswer(
  servers: Servers,
  replicas: readonly ServerId[],
  seconds: number,
  signal: AbortSignal,
): Promise<FailoverLocks> {
  const options = { deadlineMs: seconds * 1000 + 5_000, signal };
  const sessions: Session[] = [];
  const silent = new Map<ServerId, Fault>();
  const attempts = await Promise.allSettled(
    replicas.map(async (server) => {
      try {
        sessions.push(await takeLockOn(servers, server, { lock: failoverLock, seconds }, options));
      } catch (error) {
        if (!isSilence(error)) throw error;
        silent.set(server, error);
      }
    }),
  );
  const refused = attempts.find((attempt) => attempt.status === 'rejected');
  if (refused === undefined) return { sessions, silent };
  for (const session of sessions) session.close();
  throw refused.reason;
}

/**
 * Takes the lock of whoever watches the source. Refused where a manager does: behind a planned switch it would go on watching
 * the old source, and nobody the new one. Held, it keeps one from beginning meanwhile.
 */
export async function takeMonitorLock(servers: Servers, source: ServerId, signal: AbortSignal): Promise<Session> {
  try {
    return await takeLockOn(
      servers,
      source,
      { lock: monitorLock, seconds: endedSeconds },
      { deadlineMs: 5_000, signal },
    );
  } catch (error) {
    if (isFault(error, 'LOCK_HELD')) throw new Fault('SOURCE_WATCHED', { server: source, lock: monitorLock });
    throw error;
  }
}

async function takeLockOn(
  servers: Servers,
  server: ServerId,
  { lock, seconds }: { readonly lock: string; readonly seconds: number },
  options: AskOptions,
): Promise<Session> {
  const session = await servers.hold(server, options);
  try {
    const rows = await session.ask(servers.dialect(server).takeLock(lock, seconds), options);
    if (Number(rows[0]?.['answer'] ?? 0) !== 1) throw new Fault('LOCK_HELD', { server, lock });
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** The server, or the way to it, is gone: nothing was said about the lock. */
function isSilence(error: unknown): error is Fault {
  return (
    isFault(error, 'SQL_NOT_CONNECTED') || isFault(error, 'SQL_CONNECTION_LOST') || isFault(error, 'SQL_NO_ANSWER')
  );
}
