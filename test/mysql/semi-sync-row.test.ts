import { describe, expect, it } from 'vitest';
import { semiSyncOf, withSemiSyncStatus } from '../../src/mysql/semi-sync-row.js';

/** As MariaDB 10.11 and the older plugins of MySQL print them. */
const older = {
  rpl_semi_sync_master_enabled: 'ON',
  rpl_semi_sync_master_timeout: '10000',
  rpl_semi_sync_master_wait_point: 'AFTER_COMMIT',
  rpl_semi_sync_master_wait_no_slave: 'ON',
  rpl_semi_sync_slave_enabled: 'OFF',
};
const newer = {
  rpl_semi_sync_source_enabled: 'OFF',
  rpl_semi_sync_source_timeout: '4000000000',
  rpl_semi_sync_source_wait_point: 'AFTER_SYNC',
  rpl_semi_sync_source_wait_for_replica_count: '2',
  rpl_semi_sync_source_wait_no_replica: 'OFF',
  rpl_semi_sync_replica_enabled: 'ON',
};
const read = (variables: Readonly<Record<string, string>>) => semiSyncOf(new Map(Object.entries(variables)));

describe('semi-synchronous replication', () => {
  it('is read in either wording', () => {
    expect(read(older)).toEqual({
      words: 'old',
      asSource: { enabled: true, timeoutMs: 10_000, lossless: false, replicas: 1, waitsForNobody: true },
      asReplica: false,
    });
    expect(read(newer)).toEqual({
      words: 'new',
      asSource: { enabled: false, timeoutMs: 4_000_000_000, lossless: true, replicas: 2, waitsForNobody: false },
      asReplica: true,
    });
    expect(read({ rpl_semi_sync_slave_enabled: 'ON' })).toEqual({ words: 'old', asReplica: true });
    expect(read({})).toBeUndefined();
  });

  it('has a status of its own', () => {
    const set = read(older);
    const rows = [
      { Variable_name: 'Rpl_semi_sync_master_clients', Value: '2' },
      { Variable_name: 'Rpl_semi_sync_master_status', Value: 'ON' },
    ];
    expect(set && withSemiSyncStatus(set, rows).asSource?.status).toEqual({ active: true, clients: 2 });
  });
});
