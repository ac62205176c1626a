import type { Coordinates } from '../../model/coordinates.js';
import type { Cluster } from '../cluster-shape.js';
import type { DatabaseServer } from '../database-server.js';
import type { SourceAddress } from '../family/family.js';
import { readReplicaStatus } from '../replica-status.js';
import { until } from '../wait.js';
import { startWriter } from '../writer.js';
import { tables, tableStatements } from '../writer-plan.js';

const waitSeconds = 240;
/** Rows so wide that only bytes count. */
export const wideRow = 64 * 1024;

/** A run of the source's binary log that no replica has, in one file. */
export interface BenchTail {
  readonly from: Coordinates;
  readonly to: Coordinates;
  readonly rows: number;
  /** Whether the replicas use TLS with their source, as they were made. */
  readonly tls: boolean;
}

/** Stops replication, and has rows written on the source alone until its log is so many bytes longer. */
export async function writeTail(cluster: Cluster, bytes: number, rowBytes: number): Promise<BenchTail> {
  const source = cluster.host('db1').server;
  await source.sql(tableStatements);
  // With wide rows bytes are measured: the same ones must travel, whoever serves the log.
  const { logRowsAlone } = source.family;
  if (rowBytes >= wideRow && logRowsAlone !== undefined) await source.sql(logRowsAlone);
  const from = await endOfLog(source);
  await Promise.all(cluster.hosts.slice(1).map(({ server }) => settle(server, from)));
  const writer = await startWriter(cluster, { rowBytes, hosts: ['db1'] });
  // Counted in bytes of the log: MariaDB writes usual rows twice, as the statement's text and as the row.
  const longEnough = async (): Promise<boolean> => (await endOfLog(source)).position >= from.position + bytes;
  await until(longEnough, { what: 'see the tail written', deadlineMs: waitSeconds * 1000, everyMs: 50 });
  await writer.stop();
  const to = await endOfLog(source);
  if (to.file !== from.file) throw new Error(`the tail goes from ${from.file} to ${to.file}`);
  return { from, to, rows: await countRows(source), tls: await usesTls(cluster.host('db2').server) };
}

export function tailBytes({ from, to }: BenchTail): number {
  return to.position - from.position;
}

async function settle(server: DatabaseServer, at: Coordinates): Promise<void> {
  await applied(server, at);
  await server.sql(`STOP ${server.family.words.replica}`);
}

/** Puts a replica with both threads stopped back to the tail's start, and points it at somebody. */
export async function rewind(
  server: DatabaseServer,
  tail: BenchTail,
  source: SourceAddress,
  options: { readonly tls: boolean },
): Promise<void> {
  const { words } = server.family;
  await server.sql(`STOP ${words.replica}`);
  // What is taken away here is no part of the replicated history.
  await server.sql(`${words.open}; SET SESSION sql_log_bin=0`);
  for (const table of Object.values(tables)) await server.sql(`TRUNCATE TABLE ${table}`);
  await server.sql(`SET SESSION sql_log_bin=1; ${words.close}`);
  await server.sql(words.pointAt(source, tail.from, options));
}

/** Resolves when the applier has come so far. */
export async function applied(server: DatabaseServer, { file, position }: Coordinates): Promise<void> {
  const { positionWait } = server.family.words;
  const [row] = await server.sql(
    `SELECT ${positionWait}('${file}', ${String(position)}, ${String(waitSeconds)}) AS answer`,
  );
  const answer = row?.['answer'];
  if (answer !== undefined && answer !== null && Number(answer) >= 0) return;
  const status = await readReplicaStatus(server);
  throw new Error(`not applied up to ${file}:${String(position)}: ${JSON.stringify(status?.row)}`);
}

/** Resolves when the receiver has stored the tail, and its relay log is as long as that says. */
export async function received(server: DatabaseServer, tail: BenchTail): Promise<void> {
  const { file, position } = tail.to;
  const wanted = `${file}:${String(position)}`;
  const arrived = async (): Promise<boolean> => {
    const status = await readReplicaStatus(server);
    if (status?.receiver === 'No') throw new Error(`the receiver stopped: ${status.receiverError}`);
    return status?.received === wanted;
  };
  await until(arrived, { what: `receive up to ${wanted}`, deadlineMs: waitSeconds * 1000, everyMs: 10 });
  const stored = Number((await readReplicaStatus(server))?.row['Relay_Log_Space']);
  if (!(stored >= tailBytes(tail))) throw new Error(`the relay log has ${String(stored)} bytes only`);
}

export async function expectRows(server: DatabaseServer, { rows }: BenchTail): Promise<void> {
  const found = await countRows(server);
  if (found !== rows) throw new Error(`${String(found)} rows instead of ${String(rows)} came through`);
}

async function usesTls(server: DatabaseServer): Promise<boolean> {
  const row = (await readReplicaStatus(server))?.row;
  return (row?.['Source_SSL_Allowed'] ?? row?.['Master_SSL_Allowed']) === 'Yes';
}

async function countRows(server: DatabaseServer): Promise<number> {
  const counts = Object.values(tables).map((table) => `(SELECT COUNT(*) FROM ${table})`);
  const [row] = await server.sql(`SELECT ${counts.join(' + ')} AS rows_in_all`);
  return Number(row?.['rows_in_all']);
}

async function endOfLog(server: DatabaseServer): Promise<Coordinates> {
  const [row] = await server.sql(server.family.words.showBinlogEnd);
  return { file: String(row?.['File']), position: Number(row?.['Position']) };
}
