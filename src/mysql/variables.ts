import { type Statement, statement } from '../model/statement.js';
import type { Row } from '../ports/servers.js';
import { text } from './rows.js';

/** Global variables by name. A variable that the server does not have is not in it. */
export type Variables = ReadonlyMap<string, string>;

/**
 * Every variable that any family's state is read from. Asked for by name in one round trip: a server leaves out what it does
 * not have, where `SELECT @@name` would fail. GTID sets are not here: SHOW VARIABLES cuts long values.
 */
const names = [
  'version',
  'server_id',
  'server_uuid',
  'hostname',
  'read_only',
  'super_read_only',
  'log_bin',
  'log_bin_basename',
  'binlog_encryption',
  'encrypt_binlog',
  'binlog_storage_engine',
  'log_slave_updates',
  'log_replica_updates',
  'relay_log_basename',
  'relay_log_index',
  'relay_log_purge',
  'relay_log_recovery',
  'datadir',
  'pid_file',
  'bind_address',
  'slave_net_timeout',
  'replica_net_timeout',
  'slave_parallel_threads',
  'slave_parallel_workers',
  'replica_parallel_workers',
  'slave_checkpoint_period',
  'replica_checkpoint_period',
  'rpl_semi_sync_master_enabled',
  'rpl_semi_sync_source_enabled',
  'rpl_semi_sync_master_timeout',
  'rpl_semi_sync_source_timeout',
  'rpl_semi_sync_master_wait_point',
  'rpl_semi_sync_source_wait_point',
  'rpl_semi_sync_master_wait_for_slave_count',
  'rpl_semi_sync_source_wait_for_replica_count',
  'rpl_semi_sync_master_wait_no_slave',
  'rpl_semi_sync_source_wait_no_replica',
  'rpl_semi_sync_slave_enabled',
  'rpl_semi_sync_replica_enabled',
  'event_scheduler',
  'gtid_mode',
  'gtid_domain_id',
  'gtid_strict_mode',
  'group_replication_group_name',
  'wsrep_on',
  'wsrep_provider',
  'aurora_version',
];

export const showVariables: Statement = statement(
  `SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names.map(() => '?').join(', ')})`,
  ...names,
);

export function toVariables(rows: readonly Row[]): Variables {
  return new Map(rows.map((row) => [text(row, 'Variable_name').toLowerCase(), text(row, 'Value')]));
}

/** The first of these variables that the server has. */
export function variable(variables: Variables, ...aliases: readonly string[]): string | undefined {
  return aliases.map((name) => variables.get(name)).find((value) => value !== undefined);
}

/** MariaDB 12 gives read_only further words (NO_LOCK, NO_LOCK_NO_ADMIN); each of them is on. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== 'OFF' && value !== '0' && value !== 'DISABLED';
}
