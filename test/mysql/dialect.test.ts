import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.js';
import { formatStatement, type Statement } from '../../src/model/statement.js';
import { chooseDialect } from '../../src/mysql/dialect/choose.js';
import { parseVersion } from '../../src/mysql/version.js';
import type { Dialect, SourceChange } from '../../src/ports/servers.js';

const versions = [
  '5.6.24',
  '5.7.44-log',
  '8.0.21',
  '8.0.22',
  '8.0.36',
  '8.4.3',
  '9.7.4-2',
  '10.3.39-MariaDB',
  '10.11.19-MariaDB',
];

function dialectOf(text: string): Dialect {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(text);
  return chooseDialect(version);
}

const at = { file: 'mysql-bin.000007', position: 5_000_000_000 };
const account = { user: 'repl', password: new Secret('canary') };
const base = { channel: '', host: '10.0.0.2', port: 3306 };

function printed(statements: readonly Statement[] | Statement): readonly string[] {
  return (Array.isArray(statements) ? statements : [statements as Statement]).map(formatStatement);
}

/** Every method with arguments that make it say everything it can. */
function everything(dialect: Dialect, channel: string): Readonly<Record<string, readonly string[]>> {
  const gtid = dialect.family === 'mariadb' ? 'gtid-slave-pos' : 'auto-position';
  const change: SourceChange = {
    ...base,
    ...account,
    channel,
    from: { by: 'coordinates', at },
    connectRetry: 1,
    heartbeatSeconds: 2,
    ssl: { allowed: true },
  };
  return {
    stopReceiver: printed(dialect.stopReceiver(channel)),
    startReceiver: printed(dialect.startReceiver(channel)),
    startApplier: printed(dialect.startApplier(channel)),
    stopApplier: printed(dialect.stopApplier(channel)),
    stopReplication: printed(dialect.stopReplication(channel)),
    startReplication: printed(dialect.startReplication(channel)),
    pointToCoordinates: printed(dialect.pointTo(change)),
    pointToGtid: printed(dialect.pointTo({ ...base, channel, from: { by: gtid } })),
    pointToGtidAgain: printed(dialect.pointTo({ ...base, channel, from: { by: gtid }, modeNow: gtid })),
    forgetSource: printed(dialect.forgetSource(channel)),
    relayLogPurge: printed(dialect.relayLogPurge(false)),
    flushRelayLogs: printed(dialect.flushRelayLogs(channel)),
    close: printed(dialect.readOnly(true)),
    open: printed(dialect.readOnly(false)),
    openForPrivileged: printed(dialect.superReadOnly(false)),
    prepareLock: printed(dialect.prepareLock()),
    lockWrites: printed(dialect.lockWrites(0.4)),
    unlockWrites: printed(dialect.unlockWrites()),
    waitForPosition: printed(dialect.waitForPosition(channel, at, 2)),
    waitForGtid: printed(dialect.waitForGtid('0-1-140', 2)),
    setGtidSlavePos: printed(dialect.setGtidSlavePos('0-1-140')),
    endConnection: printed(dialect.endConnection(42)),
    parallelAppliers: printed(dialect.parallelAppliers(channel) ?? []),
    fillGaps: printed(dialect.fillGaps(channel)),
    takeLock: printed(dialect.takeLock('name', 1)),
  };
}

/** Every option of a channel. */
const options: Pick<SourceChange, 'ssl' | 'receiver' | 'applier'> = {
  ssl: {
    allowed: true,
    caFile: '/ca.pem',
    caPath: '/ca',
    cert: '/cert.pem',
    cipher: 'AES256',
    key: '/key.pem',
    verifyServerCert: false,
    crl: '/crl.pem',
    crlPath: '/crl',
    tlsVersion: 'TLSv1.3',
    tlsCiphersuites: 'TLS_AES_256_GCM_SHA384',
  },
  receiver: {
    retryCount: 5,
    publicKeyPath: '/public.pem',
    getPublicKey: true,
    compression: 'zstd,zlib',
    zstdLevel: 7,
    networkNamespace: 'blue',
    autoFailover: true,
  },
  applier: {
    privilegeChecksUser: "'applier'@'10.0.0.%'",
    requireRowFormat: true,
    primaryKeyCheck: 'GENERATE',
    gtidOnly: true,
  },
};

it.each(['10.11.19-MariaDB', '8.0.22', '9.7.4-2'])('options of a channel: %s', (text) => {
  const by = text.includes('MariaDB') ? 'gtid-slave-pos' : 'auto-position';
  const change: SourceChange = { ...base, channel: '', from: { by }, modeNow: by };
  expect(printed(dialectOf(text).pointTo({ ...change, ...options }))).toMatchSnapshot();
});

it('an account or a word that is not what a server shows goes nowhere', () => {
  const dialect = dialectOf('9.7.4-2');
  const change: SourceChange = { ...base, from: { by: 'auto-position' }, modeNow: 'auto-position' };
  const odd = { privilegeChecksUser: '', primaryKeyCheck: 'ON, GTID_ONLY=0' };
  expect(printed(dialect.pointTo({ ...change, applier: odd }))).toEqual([
    "CHANGE REPLICATION SOURCE TO SOURCE_HOST='10.0.0.2', SOURCE_PORT=3306, PRIVILEGE_CHECKS_USER=NULL FOR CHANNEL ''",
  ]);
});

describe.each(versions)('the dialect of %s', (text) => {
  const dialect = dialectOf(text);
  const channels = text === '5.6.24' ? [''] : ['', 'emea'];

  it.each(channels)('says, on channel "%s"', (channel) => {
    expect({
      switchesReceiverAlone: dialect.switchesReceiverAlone,
      hasSuperReadOnly: dialect.hasSuperReadOnly,
      ...everything(dialect, channel),
    }).toMatchSnapshot();
  });

  it('never destroys history', () => {
    const all = [...Object.values(everything(dialect, '')), ...Object.values(everything(dialect, 'emea'))].flat();
    const forbidden =
      /RESET\s+(MASTER|BINARY)|SKIP_COUNTER|PURGE\s+(BINARY|MASTER)|SLAVE_SKIP|gtid_purged|sql_log_bin|RESET\s+(SLAVE|REPLICA)(?!.*\bALL\b)/i;
    expect(all.filter((sql) => forbidden.test(sql))).toEqual([]);
    expect(all.length).toBeGreaterThan(30);
  });

  it('shows no password', () => {
    expect(JSON.stringify(everything(dialect, ''))).not.toContain('canary');
  });

  it('holds as many placeholders as values', () => {
    const statements = [...dialect.pointTo({ ...base, channel: '', from: { by: 'coordinates', at } })];
    for (const item of statements) expect(item.text.split('?').length - 1).toBe(item.values.length);
  });
});

it('MariaDB refuses a mode it does not have', () => {
  expect(() => dialectOf('10.11.19-MariaDB').pointTo({ ...base, from: { by: 'auto-position' } })).toThrow(
    'SOURCE_AUTO_POSITION',
  );
});

it('a server is believed when it says that it has super_read_only', () => {
  const version = parseVersion('5.6.51-91.0-log');
  if (version === undefined) throw new Error('not parsed');
  expect(chooseDialect(version, true).hasSuperReadOnly).toBe(true);
  expect(printed(chooseDialect(version, true).readOnly(true))).toContain('SET GLOBAL super_read_only=1');
});
