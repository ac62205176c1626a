import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import type { Connection } from './connection.js';
import type { Identity } from './identity.js';
import { text } from './rows.js';

/**
 * What a server's binary log does not hold any more: the transactions before its oldest file, as the family writes them.
 * MySQL keeps the set as a variable; MariaDB says it at the head of each file, `[0-1-100,0-2-150]`, each domain's newest last.
 * Undefined where it cannot be told.
 */
export async function readBinlogBeginning(
  { version }: Identity,
  connection: Connection,
  options: AskOptions,
): Promise<string | undefined> {
  const since = performance.now();
  const rest = (): AskOptions => ({ ...options, deadlineMs: remaining(options.deadlineMs, since) });
  if (version.vendor === 'mysql') {
    const [row] = await connection.ask(statement('SELECT @@GLOBAL.gtid_purged AS purged'), rest());
    return row === undefined ? undefined : text(row, 'purged').replaceAll('\n', '');
  }
  const [oldest] = await connection.ask(statement('SHOW BINARY LOGS'), rest());
  if (oldest === undefined) return undefined;
  const head = await connection.ask(statement('SHOW BINLOG EVENTS IN ? LIMIT 3', text(oldest, 'Log_name')), rest());
  const list = head.find((row) => text(row, 'Event_type') === 'Gtid_list');
  return list === undefined ? undefined : /^\[(.*)\]$/.exec(text(list, 'Info'))?.[1];
}
