import type { SemiSync } from '../model/semi-sync.js';
import type { Row } from '../ports/servers.js';
import { text } from './rows.js';
import { isOn, variable, type Variables } from './variables.js';

/**
 * What a server's semi-synchronous replication is set to, in the older words (rpl_semi_sync_master_*) or the newer ones
 * (rpl_semi_sync_source_*, plugins of MySQL 8.0.26). Undefined where it has neither: the plugin is not loaded.
 * MariaDB waits for one replica and has no variable for it.
 */
export function semiSyncOf(variables: Variables): SemiSync | undefined {
  const asSource = (older: string, newer = older): string | undefined =>
    variable(variables, `rpl_semi_sync_source_${newer}`, `rpl_semi_sync_master_${older}`);
  const enabled = asSource('enabled');
  const asReplica = variable(variables, 'rpl_semi_sync_replica_enabled', 'rpl_semi_sync_slave_enabled');
  if (enabled === undefined && asReplica === undefined) return undefined;
  return {
    words:
      variables.has('rpl_semi_sync_source_enabled') || variables.has('rpl_semi_sync_replica_enabled') ? 'new' : 'old',
    ...(enabled === undefined
      ? {}
      : {
          asSource: {
            enabled: isOn(enabled),
            timeoutMs: Number(asSource('timeout') ?? 0),
            lossless: asSource('wait_point')?.toUpperCase() === 'AFTER_SYNC',
            replicas: Number(asSource('wait_for_slave_count', 'wait_for_replica_count') ?? 1),
            waitsForNobody: isOn(asSource('wait_no_slave', 'wait_no_replica')),
          },
        }),
    ...(asReplica === undefined ? {} : { asReplica: isOn(asReplica) }),
  };
}

/** The same with what its status says now. */
export function withSemiSyncStatus(semiSync: SemiSync, rows: readonly Row[]): SemiSync {
  const value = (ending: string): string =>
    text(rows.find((row) => text(row, 'Variable_name').toLowerCase().endsWith(ending)) ?? {}, 'Value');
  if (semiSync.asSource === undefined) return semiSync;
  const status = { active: isOn(value('_status')), clients: Number(value('_clients')) };
  return { ...semiSync, asSource: { ...semiSync.asSource, status } };
}
