import type { TextRow } from './database.js';
import type { DatabaseServer } from './database-server.js';
import type { ReplicationMode } from './family/family.js';

/** A replica's own account of itself, whatever its columns are called. */
export interface ReplicaStatus {
  readonly sourceHost: string;
  readonly sourcePort: string;
  readonly sourceUser: string;
  readonly usesTls: boolean;
  readonly receiver: string;
  readonly applier: string;
  readonly received: string;
  readonly executed: string;
  readonly applierState: string;
  readonly receiverError: string;
  readonly applierError: string;
  readonly mode: ReplicationMode;
  /** As the server gave it. */
  readonly row: TextRow;
}

/** Of its first channel; undefined on a server that replicates nothing. */
export async function readReplicaStatus(server: DatabaseServer): Promise<ReplicaStatus | undefined> {
  const [row] = await server.sql(`SHOW ${server.family.words.replica} STATUS`);
  return row === undefined ? undefined : fromRow(row);
}

export function isRunning(status: ReplicaStatus | undefined): boolean {
  return status?.receiver === 'Yes' && status.applier === 'Yes';
}

function fromRow(row: TextRow): ReplicaStatus {
  const column = (older: string): string => row[older] ?? row[renamed(older)] ?? '';
  return {
    sourceHost: column('Master_Host'),
    sourcePort: column('Master_Port'),
    sourceUser: column('Master_User'),
    usesTls: column('Master_SSL_Allowed') === 'Yes',
    receiver: column('Slave_IO_Running'),
    applier: column('Slave_SQL_Running'),
    received: `${column('Master_Log_File')}:${column('Read_Master_Log_Pos')}`,
    executed: `${column('Relay_Master_Log_File')}:${column('Exec_Master_Log_Pos')}`,
    applierState: column('Slave_SQL_Running_State'),
    receiverError: column('Last_IO_Error'),
    applierError: column('Last_SQL_Error'),
    mode: column('Using_Gtid') === 'Slave_Pos' || column('Auto_Position') === '1' ? 'gtid' : 'coordinates',
    row,
  };
}

/** As MySQL calls the same column since 8.0.22. */
function renamed(column: string): string {
  return column.replace('Master', 'Source').replace('Slave', 'Replica');
}
