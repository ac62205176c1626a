import { isFault } from '../model/fault.js';
import type { ServerVersion } from '../model/picture.js';
import type { PingType, ServerId } from '../model/settings.js';
import { formatStatement, type Statement, statement } from '../model/statement.js';
import type { Known, UserAtHost } from '../ports/server-facts.js';
import type { AskOptions, Servers } from '../ports/servers.js';
import { text } from './rows.js';
import { isAtLeast } from './version.js';

/** Looking: status, positions, everybody's transactions, rights and events. */
const looking = ['SELECT', 'PROCESS', 'EVENT'];

/** What MariaDB made of REPLICATION CLIENT and SUPER in 10.5. */
const mariadbParts = [
  'BINLOG MONITOR',
  // SHOW ALL SLAVES STATUS has a right of its own since 10.5.9.
  'SLAVE MONITOR',
  'REPLICATION SLAVE ADMIN',
  // The source's side of semi-synchronous replication.
  'REPLICATION MASTER ADMIN',
  'READ_ONLY ADMIN',
  'CONNECTION ADMIN',
];

/** What MySQL has split SUPER into. */
const partsOfSuper: readonly string[] = ['REPLICATION_SLAVE_ADMIN', 'SYSTEM_VARIABLES_ADMIN', 'CONNECTION_ADMIN'];

/** What SUPER stands for beside them. MariaDB took READ_ONLY ADMIN out of it in 10.11, and the other parts in 11.0.1. */
function coveredBySuper(version: ServerVersion): readonly string[] {
  if (version.vendor === 'mysql') return partsOfSuper;
  if (isAtLeast(version, 11, 0, 1)) return [];
  const parts = ['SLAVE MONITOR', 'REPLICATION SLAVE ADMIN', 'REPLICATION MASTER ADMIN', 'CONNECTION ADMIN'];
  return isAtLeast(version, 10, 11) ? parts : [...parts, 'READ_ONLY ADMIN'];
}

/** The global rights that a run needs on a server, in the words of its family; nothing on schemas but for ping_type=INSERT. */
export function neededPrivileges(version: ServerVersion): readonly string[] {
  // RELOAD: read lock, RESET, FLUSH RELAY LOGS.
  const common = [...looking, 'RELOAD'];
  if (version.vendor === 'mariadb') {
    return isAtLeast(version, 10, 5, 2) ? [...common, ...mariadbParts] : [...common, 'REPLICATION CLIENT', 'SUPER'];
  }
  return isAtLeast(version, 8, 0, 0)
    ? [...common, 'REPLICATION CLIENT', ...partsOfSuper, 'XA_RECOVER_ADMIN']
    : [...common, 'REPLICATION CLIENT', 'SUPER'];
}

export interface OwnPrivileges {
  /** The account as the server has it, which may name another host than we log in from. */
  readonly grantee: UserAtHost;
  readonly granted: readonly string[];
}

/** Of the account that asks: one that may read the grant tables is shown everybody's. */
export const showOwnPrivileges = statement(
  "SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', -1) AS host, u.PRIVILEGE_TYPE AS privilege," +
    " LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) - CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1) AS user" +
    ' FROM information_schema.USER_PRIVILEGES u' +
    " WHERE u.GRANTEE = CONCAT('''', LEFT(CURRENT_USER(), CHAR_LENGTH(CURRENT_USER()) -" +
    " CHAR_LENGTH(SUBSTRING_INDEX(CURRENT_USER(), '@', -1)) - 1), '''@''', SUBSTRING_INDEX(CURRENT_USER(), '@', -1), '''')",
);

/** The rights of the account that we log in with, without those that come from a role. Never rejects for a server. */
export async function readOwnPrivileges(
  servers: Servers,
  id: ServerId,
  options: AskOptions,
): Promise<Known<OwnPrivileges>> {
  try {
    const rows = await servers.ask(id, showOwnPrivileges, options);
    const [first] = rows;
    if (first === undefined) return { known: false, reason: 'the server lists no rights of this account' };
    const grantee = { user: text(first, 'user'), host: text(first, 'host') };
    return { known: true, value: { grantee, granted: rows.map((row) => text(row, 'privilege')) } };
  } catch (error) {
    if (isFault(error)) return { known: false, reason: error.message };
    throw error;
  }
}

export function missingPrivileges(version: ServerVersion, granted: readonly string[]): readonly string[] {
  const covered = granted.includes('SUPER') ? coveredBySuper(version) : [];
  return neededPrivileges(version)
    .filter((name) => !covered.includes(name))
    .filter((name) => !granted.some((has) => has === name || has === otherName[name]));
}

/** MariaDB lists a right under the name that its version prefers. */
const otherName: Readonly<Record<string, string>> = {
  'READ_ONLY ADMIN': 'READ ONLY ADMIN',
  'SLAVE MONITOR': 'REPLICA MONITOR',
  'REPLICATION SLAVE ADMIN': 'REPLICATION REPLICA ADMIN',
  'BINLOG MONITOR': 'REPLICATION CLIENT',
};

/** The statements that give an account no more than it needs. */
export function smallestGrants(
  version: ServerVersion,
  { user, host }: UserAtHost,
  pingType: PingType,
): readonly string[] {
  const grants: Statement[] = [
    statement(`GRANT ${neededPrivileges(version).join(', ')} ON *.* TO ?@?`, user, host),
    ...(pingType === 'INSERT' ? [statement('GRANT CREATE, INSERT, UPDATE ON infra.* TO ?@?', user, host)] : []),
  ];
  return grants.map((grant) => `${formatStatement(grant)};`);
}

/** What a replica's account needs. */
export function replicationGrant({ user, host }: UserAtHost): string {
  return `${formatStatement(statement('GRANT REPLICATION SLAVE ON *.* TO ?@?', user, host))};`;
}
