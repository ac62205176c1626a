import { setTimeout as pause } from 'node:timers/promises';
import { isFault } from '../model/fault.js';
import type { OpenTransaction } from '../model/picture.js';
import { type Statement, statement } from '../model/statement.js';
import type { AskOptions, Row } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import type { Connection } from './connection.js';
import { readInnodbStatus, type ReportedTransaction, showInnodbStatus } from './innodb-status.js';
import type { Link } from './link.js';
import { showProcesslist, toProcess } from './processlist.js';
import { optionalNumber, text } from './rows.js';

/**
 * InnoDB transactions that changed or locked something and are not committed. Plain readers are left out: nothing of
 * theirs can be lost.
 */
const selectOpenTransactions: Statement = statement(
  'SELECT trx_mysql_thread_id AS connection, trx_id AS id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) AS seconds' +
    ' FROM information_schema.INNODB_TRX' +
    ' WHERE trx_rows_modified > 0 OR trx_rows_locked > 0 OR trx_lock_structs > 0 ORDER BY trx_started',
);

function toReported(row: Row): ReportedTransaction {
  return {
    connectionId: optionalNumber(row, 'connection') ?? 0,
    id: text(row, 'id'),
    seconds: Math.max(0, optionalNumber(row, 'seconds') ?? 0),
  };
}

/** A character outside utf8mb3 in a statement that anybody runs at that moment: MySQL 9.7 then gives none of the table. */
const notConvertible = 3854;

async function readReported(connection: Connection, options: AskOptions): Promise<readonly ReportedTransaction[]> {
  try {
    return (await connection.ask(selectOpenTransactions, options)).map(toReported);
  } catch (error) {
    if (!isFault(error, 'SQL_FAILED') || error.facts['errno'] !== notConvertible) throw error;
    const [row = {}] = await connection.ask(showInnodbStatus, options);
    const reported = readInnodbStatus(text(row, 'Status'));
    if (reported === undefined) throw error;
    return reported;
  }
}

/** With who has it open, and what runs there now. Appliers are left out, and what ended meanwhile. */
async function readOpen(connection: Connection, options: AskOptions): Promise<readonly OpenTransaction[]> {
  const since = performance.now();
  const reported = await readReported(connection, options);
  if (reported.length === 0) return [];
  const rest = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
  const processes = (await connection.ask(showProcesslist, rest)).map(toProcess);
  return reported.flatMap(({ id, connectionId, seconds }) => {
    const process = processes.find((one) => one.id === connectionId);
    if (process === undefined || process.user === 'system user') return [];
    return [{ connectionId, id, user: process.user, seconds, statement: process.statement }];
  });
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
    const found = await link.read(rest, readOpen);
    lastLook.set(link, performance.now());
    const own = link.ownConnections();
    return found.filter((transaction) => !own.has(transaction.connectionId));
  };
}
