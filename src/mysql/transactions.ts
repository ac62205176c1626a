import { setTimeout as pause } from 'node:timers/promises';
import { type Statement, statement } from '../model/statement.js';
import type { OpenTransaction } from '../model/picture.js';
import type { AskOptions, Row } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import type { Link } from './link.js';
import { optionalNumber, text } from './rows.js';

/**
 * InnoDB transactions that changed or locked something and are not committed. Plain readers are left out: nothing of
 * theirs can be lost. Appliers are left out as well, and the connection that asks.
 */
const selectOpenTransactions: Statement = statement(
  'SELECT p.ID AS connection, t.trx_id AS id, p.USER AS user,' +
    " TIMESTAMPDIFF(SECOND, t.trx_started, NOW()) AS seconds, COALESCE(p.INFO, '') AS info" +
    ' FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id' +
    " WHERE p.ID <> CONNECTION_ID() AND p.USER <> 'system user'" +
    ' AND (t.trx_rows_modified > 0 OR t.trx_rows_locked > 0 OR t.trx_lock_structs > 0)' +
    ' ORDER BY t.trx_started',
);

function toOpenTransaction(row: Row): OpenTransaction {
  return {
    connectionId: optionalNumber(row, 'connection') ?? 0,
    id: text(row, 'id'),
    user: text(row, 'user'),
    seconds: Math.max(0, optionalNumber(row, 'seconds') ?? 0),
    statement: text(row, 'info'),
  };
}

/**
 * InnoDB copies its transactions for INNODB_TRX only when nobody has read the last copy for 0.1 s (CACHE_MIN_IDLE_TIME in
 * trx0i_s.cc, all versions). Whoever looks more often sees the same old copy for ever, so a look waits its turn.
 */
const copyLastsMs = 120;

/** Reads the open transactions of servers, each no faster than it can tell news. */
export function transactionReader(): (link: Link, options: AskOptions) => Promise<readonly OpenTransaction[]> {
  const lastLook = new WeakMap<Link, number>();
  return async (link, options) => {
    const since = performance.now();
    const wait = (lastLook.get(link) ?? -Infinity) + copyLastsMs - since;
    if (wait > 0) await pause(wait, undefined, options.signal === undefined ? {} : { signal: options.signal });
    const rest = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
    const rows = await link.read(rest, (connection, left) => connection.ask(selectOpenTransactions, left));
    lastLook.set(link, performance.now());
    const own = link.ownConnections();
    return rows.map(toOpenTransaction).filter((transaction) => !own.has(transaction.connectionId));
  };
}
