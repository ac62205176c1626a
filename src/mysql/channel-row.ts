import { type Coordinates, isBefore } from '../model/coordinates.js';
import type { Channel, Lag, PositionMode, ReplicationFilters, ThreadState } from '../model/picture.js';
import type { Row } from '../ports/servers.js';
import { receiverOptionsOf, sslOf } from './channel-options.js';
import { optionalNumber, optionalText, text } from './rows.js';

/** One row of the replica status, in the words of either family, as a channel. */
export function channelFromRow(row: Row): Channel {
  const sourceUuid = optionalText(row, 'Source_UUID', 'Master_UUID');
  const mode = positionMode(row);
  const sourceServerId = optionalNumber(row, 'Source_Server_Id', 'Master_Server_Id') ?? 0;
  const [latest, executed] = isStale(mode, sourceServerId) ? [] : places(row);
  const received = isRewound(mode, latest, executed) ? undefined : latest;
  const heartbeatSeconds = optionalNumber(row, 'Slave_heartbeat_period', 'Replica_heartbeat_period');
  const parallelMode = optionalText(row, 'Parallel_Mode');
  const heartbeatsReceived = optionalNumber(row, 'Slave_received_heartbeats', 'Replica_received_heartbeats');
  return {
    name: text(row, 'Channel_Name', 'Connection_name'),
    sourceHost: text(row, 'Source_Host', 'Master_Host'),
    sourcePort: optionalNumber(row, 'Source_Port', 'Master_Port') ?? 0,
    sourceUser: text(row, 'Source_User', 'Master_User'),
    sourceServerId,
    ...(sourceUuid === undefined || sourceUuid === '' ? {} : { sourceUuid }),
    receiver: threadState(text(row, 'Replica_IO_Running', 'Slave_IO_Running')),
    applier: threadState(text(row, 'Replica_SQL_Running', 'Slave_SQL_Running')),
    ...(received === undefined ? {} : { received }),
    ...(executed === undefined ? {} : { executed }),
    mode,
    receivedGtid: text(row, 'Gtid_IO_Pos', 'Retrieved_Gtid_Set').replaceAll('\n', ''),
    receiverError: { number: optionalNumber(row, 'Last_IO_Errno') ?? 0, text: text(row, 'Last_IO_Error') },
    applierError: { number: optionalNumber(row, 'Last_SQL_Errno') ?? 0, text: text(row, 'Last_SQL_Error') },
    applierState: text(row, 'Replica_SQL_Running_State', 'Slave_SQL_Running_State'),
    lag: lag(row),
    delaySeconds: optionalNumber(row, 'SQL_Delay') ?? 0,
    ...(parallelMode === undefined ? {} : { parallelMode }),
    connectRetry: optionalNumber(row, 'Connect_Retry') ?? 0,
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...(heartbeatsReceived === undefined ? {} : { heartbeatsReceived }),
    relayLogFile: text(row, 'Relay_Log_File'),
    relayLogPosition: optionalNumber(row, 'Relay_Log_Pos') ?? 0,
    relayLogSpace: optionalNumber(row, 'Relay_Log_Space') ?? 0,
    filters: filters(row),
    ssl: sslOf(row),
    receiverOptions: receiverOptionsOf(row),
  };
}

/** The channels of Group Replication, which are nobody's to change; their host is shown as `<NULL>`. */
const ofGroup = /^group_replication_(?:applier|recovery)$/;

/** A connection (MariaDB) or channel (MySQL) that was never pointed at a source is listed, but replicates nothing. */
export function hasSource({ name, sourceHost }: Channel): boolean {
  return sourceHost !== '' && !ofGroup.test(name);
}

/**
 * MariaDB by GTID writes its coordinates down only now and then: after a restart they are old ones (seen on 10.11 after
 * SIGKILL: the start of a file of which everything was applied) until the receiver has been connected again. The source's
 * server_id is 0 until then.
 */
function isStale(mode: PositionMode, sourceServerId: number): boolean {
  return (mode === 'gtid-slave-pos' || mode === 'gtid-current-pos') && sourceServerId === 0;
}

/**
 * By GTID a source begins at the head of the file that holds the first missing transaction, and passes over what the replica
 * has. Until it comes to something new the receiver is shown there, whatever is in the relay log.
 */
function isRewound(mode: PositionMode, received: Coordinates | undefined, executed: Coordinates | undefined): boolean {
  if (mode === 'coordinates' || received === undefined || executed === undefined) return false;
  return isBefore(received, executed);
}

function places(row: Row): readonly (Coordinates | undefined)[] {
  return [
    place(row, ['Source_Log_File', 'Master_Log_File'], ['Read_Source_Log_Pos', 'Read_Master_Log_Pos']),
    place(row, ['Relay_Source_Log_File', 'Relay_Master_Log_File'], ['Exec_Source_Log_Pos', 'Exec_Master_Log_Pos']),
  ];
}

/**
 * Undefined where the server does not know: an empty file name (MySQL before the first contact in auto-position mode) or
 * position 0 (GTID_ONLY, 8.0.27, after a restart).
 */
function place(row: Row, files: readonly string[], positions: readonly string[]): Coordinates | undefined {
  const file = text(row, ...files);
  const position = optionalNumber(row, ...positions);
  return file === '' || position === undefined || position === 0 ? undefined : { file, position };
}

const threadStates: Readonly<Record<string, ThreadState>> = {
  Yes: 'running',
  No: 'stopped',
  Connecting: 'connecting',
  // MariaDB between START and the first connection attempt.
  Preparing: 'connecting',
};

function threadState(word: string): ThreadState {
  return threadStates[word] ?? 'unknown';
}

function positionMode(row: Row): PositionMode {
  if (text(row, 'Auto_Position') === '1') return 'auto-position';
  const usingGtid = text(row, 'Using_Gtid');
  if (usingGtid === 'Slave_Pos') return 'gtid-slave-pos';
  return usingGtid === 'Current_Pos' ? 'gtid-current-pos' : 'coordinates';
}

function lag(row: Row): Lag {
  return optionalNumber(row, 'Seconds_Behind_Source', 'Seconds_Behind_Master') ?? 'unknown';
}

function filters(row: Row): ReplicationFilters {
  return {
    doDb: text(row, 'Replicate_Do_DB'),
    ignoreDb: text(row, 'Replicate_Ignore_DB'),
    doTable: text(row, 'Replicate_Do_Table'),
    ignoreTable: text(row, 'Replicate_Ignore_Table'),
    wildDoTable: text(row, 'Replicate_Wild_Do_Table'),
    wildIgnoreTable: text(row, 'Replicate_Wild_Ignore_Table'),
    rewriteDb: text(row, 'Replicate_Rewrite_DB'),
    doDomainIds: text(row, 'Replicate_Do_Domain_Ids'),
    ignoreDomainIds: text(row, 'Replicate_Ignore_Domain_Ids'),
    ignoreServerIds: text(row, 'Replicate_Ignore_Server_Ids'),
  };
}
