import { isFault } from '../model/fault.js';
import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import type { Connection } from './connection.js';
import { showProcesslist, toProcess } from './processlist.js';

/** MHA's name: a manager of either tool keeps the other out. Held on the source for as long as it is watched. */
const monitorLock = 'MHA_Master_High_Availability_Monitor';

export type LockAnswer = 'taken' | 'held-elsewhere' | 'failed';

/** A connection that has held the lock. A restarted server counts its connections anew, so the port is looked at too. */
export interface LockHolder {
  readonly threadId: number;
  readonly localPort: number;
}

/** Never rejects for a fault; the lock lives as long as the connection. */
export async function takeMonitorLock(
  connection: Connection,
  waitSeconds: number,
  options: AskOptions,
): Promise<LockAnswer> {
  try {
    const [row] = await connection.ask(statement('SELECT GET_LOCK(?, ?) AS answer', monitorLock, waitSeconds), options);
    if (row?.['answer'] === 1) return 'taken';
    return row?.['answer'] === 0 ? 'held-elsewhere' : 'failed';
  } catch (error) {
    if (isFault(error)) return 'failed';
    throw error;
  }
}

/**
 * Ends a connection of ours that the server still counts as open, where it is the one that holds the lock: a cut line
 * keeps a reset from arriving, and the server would keep the lock for a manager that has long come back. Never rejects
 * for a fault: whoever then asks for the lock is told how it stands.
 */
export async function endFormerHolder(connection: Connection, former: LockHolder, options: AskOptions): Promise<void> {
  const { threadId, localPort } = former;
  try {
    const [row] = await connection.ask(statement('SELECT IS_USED_LOCK(?) AS holder', monitorLock), options);
    if (Number(row?.['holder'] ?? 0) !== threadId) return;
    const processes = (await connection.ask(showProcesslist, options)).map(toProcess);
    const isOurs = processes.some(({ id, host }) => id === threadId && host.endsWith(`:${String(localPort)}`));
    if (isOurs) await connection.ask(statement('KILL CONNECTION ?', threadId), options);
  } catch (error) {
    if (!isFault(error)) throw error;
  }
}
