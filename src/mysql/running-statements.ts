import type { AskOptions, RunningStatement } from '../ports/servers.js';
import type { Link } from './link.js';
import { type ServerProcess, showProcesslist, toProcess } from './processlist.js';

/** MHA's selection: threads of the server, replicas that fetch and idle connections are no statements. */
const notStatements: ReadonlySet<string> = new Set([
  'Sleep',
  'Connect',
  'Daemon',
  'Binlog Dump',
  'Binlog Dump GTID',
  'Slave_IO',
  'Slave_SQL',
  'Slave_worker',
]);
const serverUsers: ReadonlySet<string> = new Set(['system user', 'event_scheduler']);

/** Only the first word of each is kept: the rest may hold a password. */
function toStatement({ id, user, seconds, command, statement }: ServerProcess): RunningStatement {
  const word = /^\s*([A-Za-z]+)/.exec(statement)?.[1];
  return { connectionId: id, user, seconds, verb: word ?? command };
}

export async function readRunningStatements(link: Link, options: AskOptions): Promise<readonly RunningStatement[]> {
  const rows = await link.read(options, (connection, rest) => connection.ask(showProcesslist, rest));
  const own = link.ownConnections();
  return rows
    .map(toProcess)
    .filter(({ user, command }) => !serverUsers.has(user) && !notStatements.has(command))
    .map(toStatement)
    .filter(({ connectionId }) => !own.has(connectionId));
}
