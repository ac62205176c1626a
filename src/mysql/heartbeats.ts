import { isFault } from '../model/fault.js';
import type { Channel } from '../model/picture.js';
import { statement } from '../model/statement.js';
import type { AskOptions, Row } from '../ports/servers.js';
import type { Connection } from './connection.js';
import { optionalNumber, text } from './rows.js';

/** MySQL 5.7 and later keep heartbeats out of the replica status. */
const selectHeartbeats = statement(
  'SELECT s.CHANNEL_NAME AS name, s.COUNT_RECEIVED_HEARTBEATS AS received, c.HEARTBEAT_INTERVAL AS seconds' +
    ' FROM performance_schema.replication_connection_status s' +
    ' JOIN performance_schema.replication_connection_configuration c ON c.CHANNEL_NAME = s.CHANNEL_NAME',
);

/** The channels with what is known of their heartbeats: nothing, where the account may not read performance_schema. */
export async function withHeartbeats(
  channels: readonly Channel[],
  connection: Connection,
  options: AskOptions,
): Promise<readonly Channel[]> {
  if (channels.length === 0) return channels;
  try {
    const rows = await connection.ask(selectHeartbeats, options);
    return channels.map((channel) => withRow(channel, rows));
  } catch (error) {
    if (isFault(error, 'SQL_FAILED')) return channels;
    throw error;
  }
}

function withRow(channel: Channel, rows: readonly Row[]): Channel {
  const row = rows.find((candidate) => text(candidate, 'name') === channel.name);
  if (row === undefined) return channel;
  const received = optionalNumber(row, 'received');
  const seconds = optionalNumber(row, 'seconds');
  return {
    ...channel,
    ...(received === undefined ? {} : { heartbeatsReceived: received }),
    ...(seconds === undefined ? {} : { heartbeatSeconds: seconds }),
  };
}
