import { isFault } from '../model/fault.js';
import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import type { Connection } from './connection.js';

/** MHA's name: a manager of either tool keeps the other out. Held on the source for as long as it is watched. */
const monitorLock = 'MHA_Master_High_Availability_Monitor';

export type LockAnswer = 'taken' | 'held-elsewhere' | 'failed';

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
