import type { Account } from '../model/settings.js';
import type { DatabaseServer } from './database-server.js';
import { until } from './wait.js';

export type ReplicationMode = 'coordinates' | 'gtid';

export interface SourceAddress {
  readonly address: string;
  readonly port: number;
}

/** Points a new server at the source's first event, starts it and closes it for clients. */
export async function attachReplica(
  replica: DatabaseServer,
  source: SourceAddress,
  account: Account,
  mode: ReplicationMode,
): Promise<void> {
  const position =
    mode === 'gtid'
      ? 'MASTER_USE_GTID=slave_pos'
      : "MASTER_LOG_FILE='mysql-bin.000001', MASTER_LOG_POS=4, MASTER_USE_GTID=no";
  const password = account.password.reveal().replaceAll("'", "''");
  await replica.sql(
    `CHANGE MASTER TO MASTER_HOST='${source.address}', MASTER_PORT=${String(source.port)}, MASTER_USER='${account.user}',
     MASTER_PASSWORD='${password}', MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, ${position};
     START SLAVE; SET GLOBAL read_only=1`,
  );
}

export async function replicationRuns(replica: DatabaseServer, name: string): Promise<void> {
  await until(
    async () => {
      const [status] = await replica.sql('SHOW SLAVE STATUS');
      return status?.['Slave_IO_Running'] === 'Yes' && status['Slave_SQL_Running'] === 'Yes';
    },
    { what: `start replication on ${name}`, deadlineMs: 20_000, epitaph: () => replica.errorTail() },
  );
}
