import type { SslSettings } from '../../model/channel-options.js';
import { type Statement, statement } from '../../model/statement.js';
import type { SourceChange } from '../../ports/servers.js';

type Value = Statement['values'][number];

/** One `OPTION=value` of a CHANGE: text with placeholders, and what goes there. */
export type Setting = Pick<Statement, 'text' | 'values'>;

/** An option where there is a value for it. */
export function named(option: string, value: Value | boolean | undefined): readonly Setting[] {
  if (value === undefined) return [];
  return [{ text: `${option}=?`, values: [typeof value === 'boolean' ? Number(value) : value] }];
}

/** Statement text and values put together; the settings come between `before` and `after`. */
export function withSettings(
  before: string,
  settings: readonly Setting[],
  after: string,
  ...tail: readonly Value[]
): Statement {
  const list = settings.map(({ text }) => text).join(', ');
  return { text: `${before} ${list}${after}`, values: [...settings.flatMap(({ values }) => values), ...tail] };
}

/** The options of a CHANGE that both families have; `prefix` is MASTER or SOURCE. */
export function commonSettings(change: SourceChange, prefix: 'MASTER' | 'SOURCE'): readonly Setting[] {
  return [
    ...named(`${prefix}_HOST`, change.host),
    ...named(`${prefix}_PORT`, change.port),
    ...named(`${prefix}_USER`, change.user),
    ...named(`${prefix}_PASSWORD`, change.password),
    ...named(`${prefix}_CONNECT_RETRY`, change.connectRetry),
    ...named(`${prefix}_HEARTBEAT_PERIOD`, change.heartbeatSeconds),
    ...sslSettings(change.ssl ?? {}, prefix),
  ];
}

function sslSettings(ssl: Partial<SslSettings>, prefix: 'MASTER' | 'SOURCE'): readonly Setting[] {
  return [
    ...named(`${prefix}_SSL`, ssl.allowed),
    ...named(`${prefix}_SSL_CA`, ssl.caFile),
    ...named(`${prefix}_SSL_CAPATH`, ssl.caPath),
    ...named(`${prefix}_SSL_CERT`, ssl.cert),
    ...named(`${prefix}_SSL_KEY`, ssl.key),
    ...named(`${prefix}_SSL_CIPHER`, ssl.cipher),
    ...named(`${prefix}_SSL_CRL`, ssl.crl),
    ...named(`${prefix}_SSL_CRLPATH`, ssl.crlPath),
    ...named(`${prefix}_SSL_VERIFY_SERVER_CERT`, ssl.verifyServerCert),
  ];
}

/** File and position, where the change says so. Leaving them out of a change of host resets them to the first file. */
export function placeSettings(change: SourceChange, prefix: 'MASTER' | 'SOURCE'): readonly Setting[] {
  if (change.from.by !== 'coordinates') return [];
  return [...named(`${prefix}_LOG_FILE`, change.from.at.file), ...named(`${prefix}_LOG_POS`, change.from.at.position)];
}

/**
 * For servers whose performance_schema does not know appliers. Whatever of ours is neither at rest nor a receiver. The states are the same words in all families and versions but for
 * master and source, slave and replica; MariaDB's workers wait for work, MySQL's for an event.
 */
const busyAppliers = statement(
  "SELECT COUNT(*) AS answer FROM information_schema.PROCESSLIST WHERE USER = 'system user' AND COMMAND <> 'Slave_IO'" +
    " AND COMMAND <> 'Daemon' AND STATE <> '' AND STATE NOT LIKE '%has read all relay log%'" +
    " AND STATE NOT LIKE 'Waiting for work from%' AND STATE NOT LIKE 'Waiting for an event from Coordinator%'" +
    " AND STATE NOT LIKE '%send event%' AND STATE NOT LIKE 'Connecting to%' AND STATE NOT LIKE '%reconnect%'" +
    " AND STATE NOT LIKE 'Queueing%'",
);

/** Words that every family shares. */
export const shared = {
  relayLogPurge: (on: boolean): readonly Statement[] => [statement('SET GLOBAL relay_log_purge=?', Number(on))],
  prepareLock: (): readonly Statement[] => [],
  busyAppliers: (): Statement => busyAppliers,
  unlockWrites: (): readonly Statement[] => [statement('UNLOCK TABLES')],
  endConnection: (id: number): readonly Statement[] => [statement('KILL CONNECTION ?', id)],
  takeLock: (name: string, seconds: number): Statement => statement('SELECT GET_LOCK(?, ?) AS answer', name, seconds),
} as const;
