import type { ServerVersion } from '../model/picture.js';
import { type Statement, statement } from '../model/statement.js';
import { isAtLeast } from './version.js';

/** All channels or connections, one row each. */
export function showChannels(version: ServerVersion): Statement {
  if (version.vendor === 'mariadb') return statement('SHOW ALL SLAVES STATUS');
  return statement(isAtLeast(version, 8, 0, 22) ? 'SHOW REPLICA STATUS' : 'SHOW SLAVE STATUS');
}

/** Where the server's own binary log ends; no row when it has none. */
export function showBinlogEnd(version: ServerVersion): Statement {
  const newWords = version.vendor === 'mysql' && isAtLeast(version, 8, 2);
  return statement(newWords ? 'SHOW BINARY LOG STATUS' : 'SHOW MASTER STATUS');
}

/** One row of GTID values with the names that `GtidRow` reads; undefined for a server without GTIDs (5.5). */
export function selectGtids(vendor: ServerVersion['vendor'], gtidMode: string | undefined): Statement | undefined {
  if (vendor === 'mariadb') {
    return statement(
      'SELECT @@GLOBAL.gtid_binlog_pos AS binlog_pos, @@GLOBAL.gtid_slave_pos AS slave_pos,' +
        ' @@GLOBAL.gtid_current_pos AS current_pos, @@GLOBAL.gtid_binlog_state AS binlog_state',
    );
  }
  if (gtidMode === undefined) return undefined;
  return statement('SELECT @@GLOBAL.gtid_executed AS executed, @@GLOBAL.gtid_purged AS purged');
}
