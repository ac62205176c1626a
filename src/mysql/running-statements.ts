import { statement } from '../model/statement.js';
import type { AskOptions, Row, RunningStatement } from '../ports/servers.js';
import type { Link } from './link.js';
import { optionalNumber, text } from './rows.js';

/**
 * MHA's selection: threads of the server, replicas that fetch and idle connections are no statements. Only the first word of each
 * is read: the rest may hold a password.
 */
const selectRunning = statement(
  "SELECT ID AS connection, USER AS user, TIME AS seconds, COMMAND AS command, SUBSTRING(LTRIM(COALESCE(INFO, '')), 1, 16) AS beginning" +
    ' FROM information_schema.PROCESSLIST' +
    " WHERE ID <> CONNECTION_ID() AND USER NOT IN ('system user', 'event_scheduler')" +
    " AND COMMAND NOT IN ('Sleep', 'Connect', 'Daemon', 'Binlog Dump', 'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', 'Slave_worker')",
);

function toStatement(row: Row): RunningStatement {
  const word = /^[A-Za-z]+/.exec(text(row, 'beginning'))?.[0];
  return {
    connectionId: optionalNumber(row, 'connection') ?? 0,
    user: text(row, 'user'),
    seconds: Math.max(0, optionalNumber(row, 'seconds') ?? 0),
    verb: word ?? text(row, 'command'),
  };
}

export async function readRunningStatements(link: Link, options: AskOptions): Promise<readonly RunningStatement[]> {
  const rows = await link.read(options, (connection, rest) => connection.ask(selectRunning, rest));
  const own = link.ownConnections();
  return rows.map(toStatement).filter(({ connectionId }) => !own.has(connectionId));
}
