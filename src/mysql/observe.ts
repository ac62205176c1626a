import type { Coordinates } from '../model/coordinates.js';
import { isFault } from '../model/fault.js';
import type { Channel, ServerState, Unsupported } from '../model/picture.js';
import type { AskOptions, Row } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import { withConfiguration, withHeartbeat } from './channel-configuration.js';
import { channelFromRow, hasSource } from './channel-row.js';
import type { Connection } from './connection.js';
import { type Identity, identify } from './identity.js';
import { optionalNumber, text } from './rows.js';
import { semiSyncOf, withSemiSyncStatus } from './semi-sync-row.js';
import { hasGroup, selectGroupState, unsupportedKind } from './unsupported.js';
import { selectGtids, showBinlogEnd, showChannels } from './status-statements.js';
import { isAtLeast } from './version.js';
import { sealedBy } from './sealed-log.js';
import { isOn, showVariables, toVariables, variable, type Variables } from './variables.js';

export interface Observation {
  readonly identity: Identity;
  readonly state: ServerState;
}

/**
 * Reads a server's whole state in four round trips. The channels are read before the server's own positions, so that what
 * a replica is seen to have executed is never ahead of what its own sets say.
 */
export async function observe(server: string, connection: Connection, options: AskOptions): Promise<Observation> {
  const since = performance.now();
  const rest = (): AskOptions => ({ ...options, deadlineMs: remaining(options.deadlineMs, since) });
  const variables = toVariables(await connection.ask(showVariables, rest()));
  const identity = identify(server, variables);
  const group = hasGroup(variables) ? await groupState(connection, rest()) : undefined;
  const unsupported = unsupportedKind(identity.version, variables, group);
  if (unsupported === 'too-old') return { identity, state: toState(identity, variables, { unsupported }) };
  const channels = await readChannels(identity, connection, rest());
  const gtids = selectGtids(identity.version.vendor, variables.get('gtid_mode'));
  const [gtidRow = {}] = gtids === undefined ? [] : await connection.ask(gtids, rest());
  const [binlogRow = {}] = isOn(variables.get('log_bin'))
    ? await connection.ask(showBinlogEnd(identity.version), rest())
    : [];
  const known = unsupported === undefined ? {} : { unsupported };
  const state = toState(identity, variables, { ...known, channels, gtidRow, binlogRow });
  const { semiSync } = state;
  if (semiSync?.asSource?.enabled !== true) return { identity, state };
  const rows = await connection.ask(identity.dialect.semiSyncStatus(semiSync.words), rest());
  return { identity, state: { ...state, semiSync: withSemiSyncStatus(semiSync, rows) } };
}

async function groupState(connection: Connection, options: AskOptions): Promise<readonly Row[] | undefined> {
  try {
    return await connection.ask(selectGroupState, options);
  } catch (error) {
    if (isFault(error, 'SQL_FAILED')) return undefined;
    throw error;
  }
}

export async function readChannels(
  identity: Identity,
  connection: Connection,
  options: AskOptions,
): Promise<readonly Channel[]> {
  const since = performance.now();
  const rows = await connection.ask(showChannels(identity.version), options);
  const channels = rows.map(channelFromRow).filter(hasSource);
  if (identity.version.vendor === 'mariadb') return channels;
  const complete = isAtLeast(identity.version, 5, 7) ? withConfiguration : withHeartbeat;
  return complete(channels, connection, { ...options, deadlineMs: remaining(options.deadlineMs, since) });
}

export async function readBinlogEnd(
  identity: Identity,
  connection: Connection,
  options: AskOptions,
): Promise<{ readonly at: Coordinates; readonly gtid: string } | undefined> {
  const since = performance.now();
  const [row] = await connection.ask(showBinlogEnd(identity.version), options);
  const at = row === undefined ? undefined : binlogEnd(row);
  if (row === undefined || at === undefined) return undefined;
  if (identity.version.vendor === 'mysql') return { at, gtid: oneLine(text(row, 'Executed_Gtid_Set')) };
  const gtids = selectGtids('mariadb', undefined);
  const rest = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
  const [gtidRow = {}] = gtids === undefined ? [] : await connection.ask(gtids, rest);
  return { at, gtid: text(gtidRow, 'binlog_pos') };
}

function binlogEnd(row: Row): Coordinates | undefined {
  const file = text(row, 'File');
  const position = optionalNumber(row, 'Position');
  return file === '' || position === undefined ? undefined : { file, position };
}

/** What was answered besides the variables; what was not asked is left out. */
interface Answers {
  readonly unsupported?: Unsupported;
  readonly channels?: readonly Channel[];
  readonly gtidRow?: Row;
  readonly binlogRow?: Row;
}

function toState(
  identity: Identity,
  variables: Variables,
  { unsupported, channels = [], gtidRow = {}, binlogRow = {} }: Answers,
): ServerState {
  const end = binlogEnd(binlogRow);
  const number = (...names: readonly string[]): number => Number(variable(variables, ...names) ?? 0);
  const word = (...names: readonly string[]): string => variable(variables, ...names) ?? '';
  const on = (...names: readonly string[]): boolean => isOn(variable(variables, ...names));
  return {
    version: identity.version,
    ...(unsupported === undefined ? {} : { unsupported }),
    serverId: number('server_id'),
    ...given('serverUuid', word('server_uuid')),
    hostname: word('hostname'),
    readOnly: on('read_only'),
    ...(variables.has('super_read_only') ? { superReadOnly: on('super_read_only') } : {}),
    logBin: on('log_bin'),
    logReplicaUpdates: on('log_replica_updates', 'log_slave_updates'),
    relayLogPurge: on('relay_log_purge'),
    relayLogRecovery: on('relay_log_recovery'),
    dataDir: word('datadir'),
    ...given('binlogBase', word('log_bin_basename')),
    ...given('binlogSealedBy', sealedBy(variables)),
    ...given('relayLogBase', word('relay_log_basename')),
    ...given('relayLogIndex', word('relay_log_index')),
    pidFile: word('pid_file'),
    bindAddress: word('bind_address'),
    netTimeoutSeconds: number('replica_net_timeout', 'slave_net_timeout'),
    ...(end === undefined ? {} : { binlogEnd: end }),
    binlogDoDb: text(binlogRow, 'Binlog_Do_DB'),
    binlogIgnoreDb: text(binlogRow, 'Binlog_Ignore_DB'),
    gtid: toGtid(variables, gtidRow),
    parallelThreads: number('replica_parallel_workers', 'slave_parallel_workers', 'slave_parallel_threads'),
    checkpointMs: number('replica_checkpoint_period', 'slave_checkpoint_period'),
    eventScheduler: on('event_scheduler'),
    ...semiSyncPart(variables),
    channels,
  };
}

function semiSyncPart(variables: Variables): Pick<ServerState, 'semiSync'> {
  const semiSync = semiSyncOf(variables);
  return semiSync === undefined ? {} : { semiSync };
}

function toGtid(variables: Variables, row: Row): ServerState['gtid'] {
  return {
    binlogPos: text(row, 'binlog_pos'),
    slavePos: text(row, 'slave_pos'),
    currentPos: text(row, 'current_pos'),
    binlogState: text(row, 'binlog_state'),
    strictMode: isOn(variables.get('gtid_strict_mode')),
    domainId: Number(variables.get('gtid_domain_id') ?? 0),
    mode: variables.get('gtid_mode') ?? '',
    executed: oneLine(text(row, 'executed')),
    purged: oneLine(text(row, 'purged')),
  };
}

function given<Name extends string>(name: Name, value: string): Partial<Record<Name, string>> {
  const one: Partial<Record<Name, string>> = {};
  if (value !== '') one[name] = value;
  return one;
}

/** MySQL breaks long sets into lines. */
function oneLine(set: string): string {
  return set.replaceAll('\n', '');
}
