import { isFault } from '../model/fault.js';
import { statement } from '../model/statement.js';
import type { AskOptions } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import { tryConnect } from './connect.js';
import { Connection } from './connection.js';
import { showOwnPrivileges } from './own-privileges.js';
import { text } from './rows.js';
import type { Target } from './target.js';

export type AccountProbe =
  /** It can log in and may replicate. */
  | { readonly kind: 'ok' }
  /** The server turned it away, or it lacks REPLICATION SLAVE. */
  | { readonly kind: 'denied'; readonly message: string }
  | { readonly kind: 'cannot-tell'; readonly message: string };

/** Unknown database, access denied, host not allowed, old or unknown authentication, plain connection forbidden, locked. */
const denials: ReadonlySet<number> = new Set([1044, 1045, 1130, 1251, 1275, 1524, 1698, 3118, 3159, 4151]);

/** MariaDB lists it under the name that its version prefers. */
const mayReplicate: ReadonlySet<string> = new Set(['REPLICATION SLAVE', 'REPLICATION REPLICA']);

/** MySQL 8.0 says NONE, MariaDB NULL, where the login has made none active. */
const activeRoles = statement('SELECT CURRENT_ROLE() AS roles');
/** Without words behind it: of the login itself, and both families then count what its roles have. */
const grantsHere = statement('SHOW GRANTS');
const replicates = /^GRANT (?:ALL PRIVILEGES|[^`'"]*\bREPLICATION (?:SLAVE|REPLICA)(?=,| ON\b)).* ON \*\.\* TO /i;

/** The table of privileges leaves out what comes from a role; a replica has that too, where the role is a default one. */
async function throughRoles(connection: Connection, user: string, rest: () => AskOptions): Promise<AccountProbe> {
  const roles = await rolesOf(connection, rest());
  if (roles === '') return { kind: 'denied', message: `'${user}' logs in, but lacks the REPLICATION SLAVE privilege` };
  const grants = (await connection.ask(grantsHere, rest())).flatMap((row) => Object.values(row).map(String));
  if (grants.some((grant) => replicates.test(grant))) return { kind: 'ok' };
  const message = `'${user}' logs in with the role ${roles}; whether that has the REPLICATION SLAVE privilege is not shown`;
  return { kind: 'cannot-tell', message };
}

async function rolesOf(connection: Connection, options: AskOptions): Promise<string> {
  try {
    const [row = {}] = await connection.ask(activeRoles, options);
    const roles = text(row, 'roles');
    return roles === 'NONE' ? '' : roles;
  } catch (error) {
    // MySQL before 8.0 has no roles.
    if (isFault(error, 'SQL_FAILED')) return '';
    throw error;
  }
}

/** Logs in as a replica would: the target's `open` gives streams that begin on the replica's host. Never rejects. */
export async function probeAccount(target: Target, options: AskOptions): Promise<AccountProbe> {
  const since = performance.now();
  const outcome = await tryConnect(target, options);
  if (!(outcome instanceof Connection)) {
    const denied = outcome.kind === 'refused-us' && denials.has(outcome.errno);
    return { kind: denied ? 'denied' : 'cannot-tell', message: outcome.message };
  }
  try {
    const rest = (): AskOptions => ({ ...options, deadlineMs: remaining(options.deadlineMs, since) });
    const own = await outcome.ask(showOwnPrivileges, rest());
    if (own.some((row) => mayReplicate.has(text(row, 'privilege')))) return { kind: 'ok' };
    return await throughRoles(outcome, target.account.user, rest);
  } catch (error) {
    if (isFault(error)) return { kind: 'cannot-tell', message: error.message };
    throw error;
  } finally {
    outcome.close();
  }
}
