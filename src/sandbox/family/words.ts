import type { Words } from './family.js';

/** MariaDB, and MySQL before 8.0.22. */
export const olderWords: Words = {
  replica: 'SLAVE',
  showBinlogEnd: 'SHOW MASTER STATUS',
  positionWait: 'MASTER_POS_WAIT',
  close: 'SET GLOBAL read_only=1',
};

/** MySQL from 8.4 on, which does not know the older ones any more. */
export const newerWords: Words = {
  replica: 'REPLICA',
  showBinlogEnd: 'SHOW BINARY LOG STATUS',
  positionWait: 'SOURCE_POS_WAIT',
  close: 'SET GLOBAL super_read_only=1',
  countBusyAppliers: `SELECT COUNT(*) AS busy FROM performance_schema.threads
    WHERE NAME = 'thread/sql/replica_worker' AND PROCESSLIST_STATE NOT LIKE 'Waiting for an event from Coordinator%'`,
};

/** A text between quotes, as every family reads it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
