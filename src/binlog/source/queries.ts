import type { ChecksumAlgorithm } from '../checksum.js';

/**
 * What replicas ask before a dump, and the smallest true answer. MySQL 5.6 to 9.x and MariaDB ask for a handful of
 * values in three shapes (SELECT @@name, SELECT @name, SHOW VARIABLES LIKE 'name') and say who they are with SET.
 * Anything else gets error 1193, which they tolerate where they have a way to go on.
 */

/** What the dead source was, as far as a replica may ask. */
export interface SourceIdentity {
  readonly serverId: number;
  readonly serverUuid?: string;
  /** MySQL's gtid_mode, in the server's own words. Empty for a server without one (MariaDB, MySQL before 5.6). */
  readonly gtidMode: string;
  /** MariaDB's gtid_domain_id. */
  readonly domainId: number;
}

export interface QueryContext {
  readonly identity: SourceIdentity;
  /** Checksum algorithm of the first file served: the first made-up event is written by what is answered here. */
  readonly checksum: ChecksumAlgorithm;
  /** Seconds since the epoch. */
  readonly unixTime: number;
}

export type Answer =
  | { readonly kind: 'ok' }
  | { readonly kind: 'rows'; readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] }
  | { readonly kind: 'error'; readonly errno: number; readonly text: string; readonly expected: boolean };

/** What the replica has said with SET, by lower-case name; quotes removed. */
export type SessionVariables = Map<string, string>;

const unknownVariable = 1193;

/**
 * Semi-synchronous sources are asked for by these names. "Not there" makes the replica go on without; saying yes would
 * make it demand two more bytes before each event. binlog_gtid_pos() is a mere convenience of MariaDB.
 */
const knownAbsences = /rpl_semi_sync_(?:master|source)_enabled|binlog_gtid_pos/i;

export function answerQuery(sql: string, context: QueryContext, variables: SessionVariables): Answer {
  const text = sql.trim().replace(/;$/, '');
  if (/^set\s/i.test(text)) return remember(text, variables);
  if (/^kill\s/i.test(text)) return { kind: 'ok' };
  if (/^select\s+unix_timestamp\s*\(\s*\)$/i.test(text)) return value('UNIX_TIMESTAMP()', String(context.unixTime));
  const shown = /^show\s+(?:global\s+|session\s+)?variables\s+like\s+'([^']*)'$/i.exec(text)?.[1];
  if (shown !== undefined) return showVariable(shown, context);
  const system = /^select\s+@@(?:global\s*\.\s*|session\s*\.\s*)?(\w+)$/i.exec(text)?.[1];
  if (system !== undefined) return selectVariable(system, context);
  const user = /^select\s+@(\w+)$/i.exec(text)?.[1];
  if (user !== undefined) return value(`@${user}`, userVariable(user, context, variables));
  return refuse(text, `Unknown query "${text.slice(0, 64)}"`);
}

/** SET of user variables; SET NAMES and the like change nothing here and are answered the same way. */
function remember(text: string, variables: SessionVariables): Answer {
  for (const match of text.matchAll(/@(\w+)\s*:?=\s*('(?:[^'\\]|\\.|'')*'|[^,\s]+)/g)) {
    const [, name = '', given = ''] = match;
    variables.set(name.toLowerCase(), given.startsWith("'") ? given.slice(1, -1) : given);
  }
  return { kind: 'ok' };
}

function systemVariable(name: string, { identity }: QueryContext): string | undefined {
  switch (name.toLowerCase()) {
    case 'server_id':
      return String(identity.serverId);
    case 'server_uuid':
      return identity.serverUuid;
    case 'gtid_mode':
      return identity.gtidMode === '' ? undefined : identity.gtidMode;
    case 'gtid_domain_id':
      return String(identity.domainId);
    default:
      return undefined;
  }
}

function showVariable(name: string, context: QueryContext): Answer {
  const found = systemVariable(name, context);
  const rows = found === undefined ? [] : [[name.toLowerCase(), found]];
  return { kind: 'rows', columns: ['Variable_name', 'Value'], rows };
}

function selectVariable(name: string, context: QueryContext): Answer {
  const found = systemVariable(name, context);
  return found === undefined ? refuse(name, `Unknown system variable '${name}'`) : value(`@@${name}`, found);
}

function userVariable(name: string, context: QueryContext, variables: SessionVariables): string {
  const key = name.toLowerCase();
  if (key === 'master_binlog_checksum' || key === 'source_binlog_checksum') return context.checksum.toUpperCase();
  return variables.get(key) ?? '';
}

function value(column: string, text: string): Answer {
  return { kind: 'rows', columns: [column], rows: [[text]] };
}

function refuse(asked: string, text: string): Answer {
  return { kind: 'error', errno: unknownVariable, text, expected: knownAbsences.test(asked) };
}
