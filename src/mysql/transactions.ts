import { type Statement, statement } from '../model/statement.js';
import type { OpenTransaction } from '../model/picture.js';
import type { Row } from '../ports/servers.js';
import { optionalNumber, text } from './rows.js';

/**
 * InnoDB transactions that changed or locked something and are not committed. Plain readers are left out: nothing of
 * theirs can be lost. Appliers are left out as well, and the connection that asks.
 */
export const selectOpenTransactions: Statement = statement(
  "SELECT p.ID AS id, p.USER AS user, TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds, COALESCE(p.INFO, '') AS info" +
    ' FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id' +
    " WHERE p.ID <> CONNECTION_ID() AND p.USER <> 'system user'" +
    ' AND (t.trx_rows_modified > 0 OR t.trx_rows_locked > 0 OR t.trx_lock_structs > 0)' +
    ' ORDER BY t.trx_started',
);

export function toOpenTransaction(row: Row): OpenTransaction {
  return {
    connectionId: optionalNumber(row, 'id') ?? 0,
    user: text(row, 'user'),
    seconds: Math.max(0, optionalNumber(row, 'seconds') ?? 0),
    statement: text(row, 'info'),
  };
}
