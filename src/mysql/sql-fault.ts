import { describeError, Fault } from '../model/fault.js';
import { redact, Secret } from '../model/secret.js';
import { formatStatement, type Statement } from '../model/statement.js';
import { serverErrno } from './reach.js';

/** ER_PARSE_ERROR: its text quotes a part of the statement, cut anywhere. */
const parseError = 1064;

/** The server's word that it ends this connection: shutdown, killed (MariaDB), idle for too long (MySQL 8.0.24). */
const farewells: ReadonlySet<number> = new Set([1053, 1927, 4031]);

/**
 * A driver's error as a fault. The driver's error itself is not kept as the cause: it carries the text that was sent,
 * secrets included.
 */
export function sqlFault(server: string, item: Statement, error: unknown, password: Secret): Fault {
  const errno = serverErrno(error);
  const secrets = [password, ...item.values.filter((value) => value instanceof Secret)];
  const message = cleanMessage(describeError(error), errno, item, secrets);
  if (errno === undefined || farewells.has(errno)) return new Fault('SQL_CONNECTION_LOST', { server, message });
  return new Fault('SQL_FAILED', { server, errno, statement: formatStatement(item), message });
}

function cleanMessage(message: string, errno: number | undefined, item: Statement, secrets: readonly Secret[]): string {
  const holdsSecret = item.values.some((value) => value instanceof Secret);
  // A quotation may end in the middle of a secret, where no search would find it.
  if (errno === parseError && holdsSecret) return 'syntax error (its text is withheld: the statement holds a password)';
  return redact(message, secrets);
}
