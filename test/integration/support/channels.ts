import type { Cluster } from '../../../src/sandbox/cluster.js';
import type { TextRow } from '../../../src/sandbox/database.js';
import type { ReplicationMode } from '../../../src/sandbox/family/family.js';
import { until } from '../../../src/sandbox/wait.js';

/** MariaDB names a connection behind the verb, MySQL a channel at the end. */
export function onChannel(cluster: Cluster, verb: 'START' | 'STOP' | 'RESET', channel: string, rest = ''): string {
  const words = `${verb} ${cluster.family.words.replica}`;
  return cluster.family.name === 'mariadb'
    ? `${words} '${channel}'${rest}`
    : `${words}${rest} FOR CHANNEL '${channel}'`;
}

/** Lets a server follow another one by a channel of that name, from its source's present end. */
export async function follow(
  cluster: Cluster,
  name: string,
  source: string,
  channel: string,
  mode: ReplicationMode,
): Promise<void> {
  const { server } = cluster.host(name);
  const [end] = await cluster.sql(source, cluster.family.words.showBinlogEnd);
  const attach = server.family
    .attach(cluster.host(source), cluster.accounts.replication, mode)
    .replace(/_LOG_FILE='[^']*'/, `_LOG_FILE='${end?.['File'] ?? ''}'`)
    .replace(/_LOG_POS=\d+/, `_LOG_POS=${end?.['Position'] ?? ''}`);
  const change =
    cluster.family.name === 'mariadb'
      ? attach.replace('CHANGE MASTER TO', `CHANGE MASTER '${channel}' TO`)
      : `${attach} FOR CHANNEL '${channel}'`;
  await server.sql(`${change}; ${onChannel(cluster, 'START', channel)}`);
  await untilRunning(cluster, name, channel);
}

/** Ends replication by the default channel and forgets its source. */
export async function forget(cluster: Cluster, name: string): Promise<void> {
  await cluster.sql(name, `${onChannel(cluster, 'STOP', '')}; ${onChannel(cluster, 'RESET', '', ' ALL')}`);
}

export async function channelRow(cluster: Cluster, name: string, channel: string): Promise<TextRow | undefined> {
  const question = cluster.family.name === 'mariadb' ? 'SHOW ALL SLAVES STATUS' : 'SHOW REPLICA STATUS';
  const rows = await cluster.sql(name, question);
  return rows.find((row) => (row['Connection_name'] ?? row['Channel_Name']) === channel);
}

export async function untilRunning(cluster: Cluster, name: string, channel: string): Promise<void> {
  const runs = async (): Promise<boolean> => {
    const row = await channelRow(cluster, name, channel);
    const receiver = row?.['Slave_IO_Running'] ?? row?.['Replica_IO_Running'];
    return receiver === 'Yes' && (row?.['Slave_SQL_Running'] ?? row?.['Replica_SQL_Running']) === 'Yes';
  };
  await until(runs, {
    what: `see the channel "${channel}" of ${name} run`,
    deadlineMs: 30_000,
    epitaph: () => cluster.host(name).server.errorTail(),
  });
}

/** The connections by which replicas fetch a server's binary log. Another number is another connection. */
export async function dumpsOf(cluster: Cluster, name: string): Promise<readonly string[]> {
  const rows = await cluster.sql(
    name,
    "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%' ORDER BY ID",
  );
  return rows.map((row) => row['id'] ?? '');
}
