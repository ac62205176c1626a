import type { SessionVariables } from './queries.js';

/** Reads what a replica has said of itself with SET. Old and new names mean the same. */
const either = (variables: SessionVariables, ...names: readonly string[]): string | undefined =>
  names.map((name) => variables.get(name)).find((given) => given !== undefined && given !== '');

/** Milliseconds between heartbeats, asked for in nanoseconds; undefined when the replica wants none. */
export function heartbeatPeriodMs(variables: SessionVariables): number | undefined {
  const asked = Number(either(variables, 'master_heartbeat_period', 'source_heartbeat_period') ?? 0);
  return Number.isFinite(asked) && asked > 0 ? Math.max(1, Math.round(asked / 1e6)) : undefined;
}

/** Servers since MySQL 5.6.1 and MariaDB 5.3 say that they can check checksums; events are sent to no other. */
export function understandsChecksums(variables: SessionVariables): boolean {
  return either(variables, 'master_binlog_checksum', 'source_binlog_checksum') !== undefined;
}

export function replicaUuid(variables: SessionVariables): string | undefined {
  return either(variables, 'slave_uuid', 'replica_uuid')?.toLowerCase();
}

/** MariaDB's GTID position to start behind; undefined when the replica asks by file and position. May be empty. */
export function connectState(variables: SessionVariables): string | undefined {
  return variables.get('slave_connect_state');
}
