import { isFault } from '../model/fault.js';
import type { Channel } from '../model/picture.js';
import { type Statement, statement } from '../model/statement.js';
import type { AskOptions, Row } from '../ports/servers.js';
import { configuredApplier, configuredCiphersuites, configuredReceiver } from './channel-options.js';
import type { Connection } from './connection.js';
import { optionalNumber, text } from './rows.js';

/** One of a channel's appliers in front of a lock; the status shows what their coordinator does. */
const workerWaits =
  '(SELECT MIN(t.PROCESSLIST_STATE) FROM performance_schema.replication_applier_status_by_worker w' +
  ' JOIN performance_schema.threads t ON t.THREAD_ID = w.THREAD_ID' +
  " WHERE w.CHANNEL_NAME = c.CHANNEL_NAME AND t.PROCESSLIST_STATE LIKE 'Waiting for %lock')";

/**
 * MySQL 5.7 and later keep heartbeats and many options out of the replica status. All columns, since each version has
 * its own; those of the same name hold the same.
 */
const selectConfiguration = statement(
  'SELECT c.*, a.*, s.COUNT_RECEIVED_HEARTBEATS AS received, c.CHANNEL_NAME AS name,' +
    ` ${workerWaits} AS worker_waits` +
    ' FROM performance_schema.replication_connection_configuration c' +
    ' JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME = c.CHANNEL_NAME' +
    ' JOIN performance_schema.replication_applier_configuration a ON a.CHANNEL_NAME = c.CHANNEL_NAME',
);

/** Before 5.7 there is one channel, and its heartbeat is among the server's counters. */
const showHeartbeat = statement(
  "SHOW GLOBAL STATUS WHERE Variable_name IN ('Slave_heartbeat_period', 'Slave_received_heartbeats')",
);

/** The channels with what performance_schema knows of them: nothing, where the account may not read it. */
export function withConfiguration(
  channels: readonly Channel[],
  connection: Connection,
  options: AskOptions,
): Promise<readonly Channel[]> {
  return enrich(channels, selectConfiguration, connection, options, (channel, rows) => {
    const row = rows.find((candidate) => text(candidate, 'name') === channel.name);
    return row === undefined ? channel : withRow(channel, row);
  });
}

export function withHeartbeat(
  channels: readonly Channel[],
  connection: Connection,
  options: AskOptions,
): Promise<readonly Channel[]> {
  return enrich(channels, showHeartbeat, connection, options, (channel, rows) => {
    const value = (name: string): number | undefined =>
      optionalNumber(rows.find((row) => text(row, 'Variable_name') === name) ?? {}, 'Value');
    return withHeartbeats(channel, value('Slave_received_heartbeats'), value('Slave_heartbeat_period'));
  });
}

async function enrich(
  channels: readonly Channel[],
  question: Statement,
  connection: Connection,
  options: AskOptions,
  add: (channel: Channel, rows: readonly Row[]) => Channel,
): Promise<readonly Channel[]> {
  if (channels.length === 0) return channels;
  try {
    const rows = await connection.ask(question, options);
    return channels.map((channel) => add(channel, rows));
  } catch (error) {
    if (isFault(error, 'SQL_FAILED')) return channels;
    throw error;
  }
}

export function withRow(channel: Channel, row: Row): Channel {
  const known = withHeartbeats(channel, optionalNumber(row, 'received'), optionalNumber(row, 'HEARTBEAT_INTERVAL'));
  const workerState = text(row, 'worker_waits');
  return {
    ...known,
    ...(workerState === '' ? {} : { applierState: workerState }),
    ssl: { ...channel.ssl, ...configuredCiphersuites(row) },
    receiverOptions: { ...channel.receiverOptions, ...configuredReceiver(row) },
    applierOptions: { ...channel.applierOptions, ...configuredApplier(row) },
  };
}

function withHeartbeats(channel: Channel, received: number | undefined, seconds: number | undefined): Channel {
  return {
    ...channel,
    ...(received === undefined ? {} : { heartbeatsReceived: received }),
    ...(seconds === undefined ? {} : { heartbeatSeconds: seconds }),
  };
}
