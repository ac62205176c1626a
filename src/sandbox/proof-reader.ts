import type { Cluster } from './cluster-shape.js';
import { isRunning, readReplicaStatus } from './replica-status.js';
import { tables } from './writer-plan.js';

/** `worker:n`. */
export type RowId = string;

export function rowId(worker: number | string, n: number | string): RowId {
  return `${String(worker)}:${String(n)}`;
}

export interface ServerState {
  readonly name: string;
  readonly readOnly: boolean;
  readonly replication: 'running' | 'none' | `stopped: ${string}`;
  /** Every table outside the system's schemas: checksum and number of rows. */
  readonly tables: ReadonlyMap<string, { readonly checksum: string; readonly rows: string }>;
  /** The writer's rows and how many copies of each there are. */
  readonly rows: ReadonlyMap<RowId, number>;
}

export async function readServer(cluster: Cluster, name: string): Promise<ServerState> {
  const [settings] = await cluster.sql(name, 'SELECT @@global.read_only AS closed');
  return {
    name,
    readOnly: settings?.['closed'] !== '0',
    replication: await replicationState(cluster, name),
    tables: await tableStates(cluster, name),
    rows: await writtenRows(cluster, name),
  };
}

async function replicationState(cluster: Cluster, name: string): Promise<ServerState['replication']> {
  const status = await readReplicaStatus(cluster.host(name).server);
  if (status === undefined) return 'none';
  const reason = `${status.receiverError} ${status.applierError}`.trim();
  return isRunning(status) ? 'running' : `stopped: ${reason}`;
}

async function tableStates(cluster: Cluster, name: string): Promise<ServerState['tables']> {
  const list = await cluster.sql(
    name,
    `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
     ORDER BY 1`,
  );
  const states = new Map<string, { checksum: string; rows: string }>();
  for (const { name: table } of list) {
    const [sum] = await cluster.sql(name, `CHECKSUM TABLE ${String(table)}`);
    const [count] = await cluster.sql(name, `SELECT COUNT(*) AS rows_now FROM ${String(table)}`);
    states.set(String(table), { checksum: sum?.['Checksum'] ?? 'none', rows: count?.['rows_now'] ?? 'none' });
  }
  return states;
}

export async function writtenRows(cluster: Cluster, name: string): Promise<ReadonlyMap<RowId, number>> {
  const rows = await cluster.sql(
    name,
    `SELECT worker, n, COUNT(*) AS copies FROM
       (SELECT worker, n FROM ${tables.unique} UNION ALL SELECT worker, n FROM ${tables.loose}) AS written
     GROUP BY worker, n`,
  );
  return new Map(rows.map((row) => [rowId(row['worker'] ?? '', row['n'] ?? ''), Number(row['copies'])]));
}

/** Lets every replica reach the writable server's present end; says which did not. */
export async function waitForLevel(cluster: Cluster, names: readonly string[]): Promise<readonly string[]> {
  const closed = await Promise.all(
    names.map(async (name) => (await cluster.sql(name, 'SELECT @@global.read_only AS c'))[0]?.['c']),
  );
  const source = names.find((_, index) => closed[index] === '0');
  if (source === undefined) return [];
  const { showBinlogEnd, positionWait } = cluster.family.words;
  const [end] = await cluster.sql(source, showBinlogEnd);
  const place = `'${end?.['File'] ?? ''}', ${end?.['Position'] ?? '0'}`;
  const late = names
    .filter((name) => name !== source)
    .map(async (name) => {
      const [row] = await cluster.sql(name, `SELECT ${positionWait}(${place}, 30) AS answer`);
      const answer = row?.['answer'];
      return answer === null || answer === undefined || Number(answer) < 0 ? [`${name} did not reach ${source}`] : [];
    });
  return (await Promise.all(late)).flat();
}
