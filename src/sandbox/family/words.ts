import type { Coordinates } from '../../model/coordinates.js';
import type { SourceAddress, Words } from './family.js';

/** MariaDB, and MySQL before 8.0.22. */
export const olderWords: Words = {
  replica: 'SLAVE',
  showBinlogEnd: 'SHOW MASTER STATUS',
  positionWait: 'MASTER_POS_WAIT',
  pointAt: (source, place, { tls }) => `CHANGE MASTER TO ${assignments('MASTER', source, place, tls)}`,
  open: 'SET GLOBAL read_only=0',
  close: 'SET GLOBAL read_only=1',
};

/** MySQL from 8.4 on, which does not know the older ones any more. */
export const newerWords: Words = {
  replica: 'REPLICA',
  showBinlogEnd: 'SHOW BINARY LOG STATUS',
  positionWait: 'SOURCE_POS_WAIT',
  pointAt: (source, place, { tls }) => `CHANGE REPLICATION SOURCE TO ${assignments('SOURCE', source, place, tls)}`,
  open: 'SET GLOBAL read_only=0',
  close: 'SET GLOBAL super_read_only=1',
  countBusyAppliers: `SELECT COUNT(*) AS busy FROM performance_schema.threads
    WHERE NAME = 'thread/sql/replica_worker' AND PROCESSLIST_STATE NOT LIKE 'Waiting for an event from Coordinator%'`,
};

function assignments(prefix: string, source: SourceAddress, place: Coordinates, tls: boolean): string {
  return [
    `HOST=${quoted(source.address)}`,
    `PORT=${String(source.port)}`,
    `LOG_FILE=${quoted(place.file)}`,
    `LOG_POS=${String(place.position)}`,
    `SSL=${tls ? '1' : '0'}`,
  ]
    .map((assignment) => `${prefix}_${assignment}`)
    .join(', ');
}

/** A text between quotes, as every family reads it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
