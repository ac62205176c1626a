import { isFault } from '../model/fault.js';
import { type Statement, statement } from '../model/statement.js';
import type { Known, ReadServerFacts, ScheduledEvent, UserAtHost } from '../ports/server-facts.js';
import type { AskOptions, Row, Servers } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import { parseGrantee } from './grantee.js';
import { showPreparedXa, xaName } from './prepared-xa.js';
import { type ServerProcess, showProcesslist, toProcess } from './processlist.js';
import { text } from './rows.js';

const nonTransactionalTables = statement(
  "SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) AS name FROM information_schema.TABLES t" +
    ' JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE' +
    " WHERE t.TABLE_TYPE = 'BASE TABLE' AND COALESCE(e.TRANSACTIONS, 'NO') <> 'YES'" +
    " AND t.TABLE_SCHEMA NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys') ORDER BY 1",
);

const events = statement(
  "SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) AS name, STATUS AS status FROM information_schema.EVENTS ORDER BY 1",
);

const privileges = (...types: readonly string[]): Statement =>
  statement(
    'SELECT DISTINCT GRANTEE AS grantee FROM information_schema.USER_PRIVILEGES' +
      ` WHERE PRIVILEGE_TYPE IN (${types.map(() => '?').join(', ')}) ORDER BY 1`,
    ...types,
  );

const bypassers = privileges('SUPER', 'READ_ONLY ADMIN', 'READ ONLY ADMIN', 'CONNECTION_ADMIN');

/**
 * Reads what the checks before a failover want. One after the other, so that one warm connection serves for all; each has
 * its own answer, since a privilege may be missing for one alone. The tables come last: where there are tens of thousands
 * the server opens each of them, and may take all the time there is.
 */
export function factsReader(servers: Servers): ReadServerFacts {
  return async (id, options) => {
    const since = performance.now();
    const ask = async <T>(item: Statement, read: (row: Row) => T): Promise<Known<readonly T[]>> => {
      const rest: AskOptions = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
      return known(servers.ask(id, item, rest), read);
    };
    return {
      events: await ask(events, toEvent),
      replicationAccounts: await ask(privileges('REPLICATION SLAVE'), toAccount),
      readOnlyBypassers: await ask(bypassers, toAccount),
      binlogBeginning: await attempt(
        servers.binlogBeginning(id, { ...options, deadlineMs: remaining(options.deadlineMs, since) }),
      ),
      preparedXa: await ask(showPreparedXa, xaName),
      dumps: onlyDumps(await ask(showProcesslist, toProcess)),
      nonTransactionalTables: await ask(nonTransactionalTables, (row) => text(row, 'name')),
    };
  };
}

function onlyDumps(processes: Known<readonly ServerProcess[]>): Known<readonly UserAtHost[]> {
  if (!processes.known) return processes;
  const dumps = processes.value.filter(({ command }) => command.startsWith('Binlog Dump'));
  const clients = dumps.map(({ user, host }) => ({ user, host }));
  return { known: true, value: clients.sort((a, b) => `${a.user}@${a.host}`.localeCompare(`${b.user}@${b.host}`)) };
}

async function known<T>(rows: Promise<readonly Row[]>, read: (row: Row) => T): Promise<Known<readonly T[]>> {
  return attempt(rows.then((all) => all.map(read)));
}

async function attempt<T>(fact: Promise<T>): Promise<Known<T>> {
  try {
    return { known: true, value: await fact };
  } catch (error) {
    if (isFault(error)) return { known: false, reason: error.message };
    throw error;
  }
}

function toAccount(row: Row): UserAtHost {
  return parseGrantee(text(row, 'grantee'));
}

/** SLAVESIDE_DISABLED, and REPLICA_SIDE_DISABLED since MySQL 8.0.34. */
function toEvent(row: Row): ScheduledEvent {
  const status = text(row, 'status');
  const name = text(row, 'name');
  if (status.endsWith('SIDE_DISABLED')) return { name, status: 'disabled-on-replica' };
  return { name, status: status === 'ENABLED' ? 'enabled' : 'disabled' };
}
