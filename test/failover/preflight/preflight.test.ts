import { describe, expect, it } from 'vitest';
import type { Evidence } from '../../../src/failover/preflight/evidence.js';
import { preflight, refuses } from '../../../src/failover/preflight/preflight.js';
import { evidenceOf, factsOf, known, sshOf } from '../../support/evidence.js';
import {
  channelFrom,
  cluster,
  type ClusterBuilder,
  id,
  mysql97,
  noFilters,
  type ReplicaChanges,
  serverSettings,
} from '../../support/picture.js';

const sound = cluster().source('a').replica('b').replica('c');
const withB = (changes: ReplicaChanges): ClusterBuilder => cluster().source('a').replica('b', changes).replica('c');
const sealed = cluster()
  .source('a', { state: { binlogSealedBy: 'binlog_encryption=ON' } })
  .replica('b')
  .replica('c');
const applierError = { number: 1062, text: 'Duplicate entry' };
const failed = { outcome: 'failed', message: 'no route' } as const;
const untried = { outcome: 'cannot-tell' } as const;
const noLogin = { reach: failed, login: untried, reverse: untried, directories: [] } as const;
const uuidA = '11111111-1111-1111-1111-111111111111';
const uuidB = '22222222-2222-2222-2222-222222222222';
const mysqlGtid = {
  binlogPos: '',
  slavePos: '',
  currentPos: '',
  binlogState: '',
  strictMode: false,
  domainId: 0,
  mode: 'ON',
  purged: '',
};
const mysqlPair = (replicaHas: string): ClusterBuilder =>
  cluster()
    .source('a', { state: { version: mysql97, serverUuid: uuidA, gtid: { ...mysqlGtid, executed: `${uuidA}:1-10` } } })
    .replica('b', { state: { version: mysql97, serverUuid: uuidB, gtid: { ...mysqlGtid, executed: replicaHas } } });
const mariadbState = (binlogState: string) => ({
  binlogPos: '',
  slavePos: '0-1-100',
  currentPos: '0-1-100',
  binlogState,
  strictMode: true,
  domainId: 0,
  mode: '',
  executed: '',
  purged: '',
});

describe('servers that are not ours to manage', () => {
  it.each([
    ['too-old', 'is older than MySQL 5.5'],
    ['group-replication', 'is a member of a Group Replication group'],
    ['galera', 'is a node of a Galera cluster'],
    ['aurora', 'is an Aurora server'],
  ] as const)('%s: refused with one sentence, and nothing else is said', (unsupported, words) => {
    const odd = cluster()
      .source('a', { state: { unsupported } })
      .replica('b', { state: { logBin: false }, channel: { receiver: 'stopped' } });
    for (const purpose of ['check', 'monitor', 'switch', 'failover'] as const) {
      const findings = preflight(evidenceOf(odd, { purpose }));
      expect(findings.map(({ id, severity }) => ({ id, severity }))).toEqual([
        { id: 'supported-server', severity: 'refuse' },
      ]);
      expect(findings[0]?.seen).toContain(words);
    }
  });

  it('a replica is enough', () => {
    expect(refuses(preflight(evidenceOf(withB({ state: { unsupported: 'galera' } }))))).toBe(true);
  });
});

describe('a sound cluster', () => {
  it('has nothing but notes', () => {
    const findings = preflight(evidenceOf(sound, { ssh: [sshOf('a'), sshOf('b'), sshOf('c')] }));
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(refuses(findings)).toBe(false);
  });

  it('has findings whose three parts are all said', () => {
    const odd = withB({ state: { readOnly: false, logBin: false }, channel: { receiver: 'stopped', delaySeconds: 9 } });
    for (const finding of preflight(evidenceOf(odd))) {
      expect(finding.id).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(
        [finding.seen, finding.matters, finding.fix].every((part) => part.length > 10 || part === 'Start it.'),
      ).toBe(true);
    }
  });
});

type Case = [string, ClusterBuilder, Partial<Evidence>, string, string, string];

describe('preflight finds', () => {
  it.each<Case>([
    ['a dead source', sound.dead('a'), {}, 'source-alive', 'refuse', 'a:3306'],
    ['a dead source before a failover', sound.dead('a'), { purpose: 'failover' }, 'source-alive', 'note', 'a:3306'],
    ['a dead replica', sound.dead('b'), {}, 'server-alive', 'refuse', 'ECONNREFUSED'],
    [
      'a dead replica that may fail, in a failover',
      withB({ settings: { ignoreFail: true } }).dead('b'),
      { purpose: 'failover' },
      'server-alive',
      'warn',
      'b:3306',
    ],
    [
      'a dead replica that may fail, at a start',
      withB({ settings: { ignoreFail: true } }).dead('b'),
      { purpose: 'monitor' },
      'server-alive',
      'refuse',
      'b:3306',
    ],
    [
      'a dead replica that may fail, at a start that is told so',
      withB({ settings: { ignoreFail: true } }).dead('b'),
      { purpose: 'monitor', ignoreFailOnStart: true },
      'server-alive',
      'warn',
      'b:3306',
    ],
    ['a stopped receiver', withB({ channel: { receiver: 'stopped' } }), {}, 'replica-threads', 'refuse', 'is stopped'],
    [
      'a connecting receiver, with its error',
      withB({ channel: { receiver: 'connecting', receiverError: { number: 1045, text: 'Access denied' } } }),
      {},
      'replica-threads',
      'refuse',
      'connecting, not running: error 1045, Access denied',
    ],
    ['an unknown state', withB({ channel: { receiver: 'unknown' } }), {}, 'replica-threads', 'refuse', 'not known'],
    ['a stopped applier', withB({ channel: { applier: 'stopped' } }), {}, 'replica-threads', 'refuse', 'applier'],
    [
      'a stopped applier before a switch',
      withB({ channel: { applier: 'stopped' } }),
      { purpose: 'switch' },
      'replica-threads',
      'refuse',
      'applier',
    ],
    [
      'a stopped applier while monitoring',
      withB({ channel: { applier: 'stopped' } }),
      { purpose: 'monitor' },
      'replica-threads',
      'warn',
      '',
    ],
    [
      'a broken applier',
      withB({ channel: { applier: 'stopped', applierError } }),
      { purpose: 'failover' },
      'replica-threads',
      'refuse',
      '1062',
    ],
    [
      'a broken applier that may fail',
      withB({ settings: { ignoreFail: true }, channel: { applier: 'stopped', applierError } }),
      { ignoreFailOnStart: true },
      'replica-threads',
      'warn',
      'Duplicate entry',
    ],
    ['lag', withB({ channel: { lag: 31 } }), {}, 'replica-lag', 'refuse', '31 s behind'],
    ['lag before a switch', withB({ channel: { lag: 31 } }), { purpose: 'switch' }, 'replica-lag', 'refuse', '31 s'],
    [
      'lag above what the command line allows',
      withB({ channel: { lag: 6 } }),
      { maxLagSeconds: 5 },
      'replica-lag',
      'refuse',
      'limit 5 s',
    ],
    ['lag while monitoring', withB({ channel: { lag: 31 } }), { purpose: 'monitor' }, 'replica-lag', 'warn', '31 s'],
    ['lag that is unknown', withB({ channel: { lag: 'unknown' } }), {}, 'replica-lag', 'refuse', 'does not say'],
    ['a delay', withB({ channel: { lag: 3601, delaySeconds: 3600 } }), {}, 'delay-configured', 'warn', '3600 s'],
    [
      'a delay of one that never leads',
      withB({ settings: { noMaster: true }, channel: { delaySeconds: 9 } }),
      {},
      'delay-configured',
      'note',
      '',
    ],
    ['a log that is encrypted', sealed, {}, 'sealed-log', 'warn', 'a:3306 binlog_encryption=ON'],
    [
      'a log that would be encrypted',
      withB({ state: { binlogSealedBy: 'encrypt_binlog=ON' } }),
      {},
      'sealed-log',
      'note',
      'b:3306 encrypt_binlog=ON',
    ],
    ['no binary log', withB({ state: { logBin: false } }), {}, 'log-bin', 'warn', 'b:3306'],
    [
      'log_slave_updates off',
      withB({ state: { logReplicaUpdates: false } }),
      {},
      'log-replica-updates',
      'note',
      'b:3306',
    ],
    ['equal server ids', withB({ state: { serverId: 3 } }), {}, 'server-id', 'refuse', 'b:3306 and c:3306'],
    ['server id 0', withB({ state: { serverId: 0 } }), {}, 'server-id', 'refuse', 'server_id 0'],
    [
      'equal uuids',
      cluster()
        .source('a', { state: { serverUuid: uuidA } })
        .replica('b', { state: { serverUuid: uuidA } }),
      {},
      'server-uuid',
      'refuse',
      uuidA,
    ],
    [
      'unequal filters',
      withB({ channel: { filters: { ...noFilters, wildDoTable: 'x.%' } } }),
      {},
      'filters-equal',
      'refuse',
      'replicate_wild_do_table differs: b:3306 "x.%", c:3306 ""',
    ],
    [
      'unequal filters where nobody minds',
      withB({ channel: { filters: { ...noFilters, doDb: 'x' } } }).with({ checkReplFilter: false }),
      {},
      'filters-equal',
      'note',
      'replicate_do_db',
    ],
    [
      'unequal binlog filters',
      withB({ state: { binlogDoDb: 'x' } }),
      {},
      'filters-equal',
      'refuse',
      'binlog_do_db differs',
    ],
    [
      'a server that logs other schemas than it replicates',
      cluster()
        .source('a', { state: { binlogDoDb: 'y' } })
        .replica('b', { state: { binlogDoDb: 'y' }, channel: { filters: { ...noFilters, doDb: 'x' } } }),
      {},
      'filters-equal',
      'refuse',
      'binlog_do_db "y" and replicate_do_db "x"',
    ],
    [
      'dropped events',
      withB({ channel: { filters: { ...noFilters, ignoreServerIds: '7' } } }),
      {},
      'filters-drop-events',
      'warn',
      'IGNORE_SERVER_IDS=(7)',
    ],
    [
      'a loopback listener',
      withB({ state: { bindAddress: '127.0.0.1' } }),
      {},
      'bind-address',
      'warn',
      '127.0.0.1 only',
    ],
    [
      'a server that is known by its own loopback address',
      withB({ settings: { address: '127.0.1.1' } }),
      {},
      'loopback-address',
      'warn',
      'b is 127.0.1.1 on this machine',
    ],
    ['a writable replica', withB({ state: { readOnly: false } }), {}, 'read-only', 'warn', 'b:3306'],
    [
      'a closed source',
      cluster()
        .source('a', { state: { readOnly: true } })
        .replica('b'),
      {},
      'one-writable',
      'warn',
      'No server accepts writes',
    ],
    ['an hour of patience', withB({ state: { netTimeoutSeconds: 3600 } }), {}, 'slow-detection', 'warn', '3600 s'],
    ['no heartbeat', withB({ channel: { heartbeatSeconds: 0 } }), {}, 'slow-detection', 'warn', 'no heartbeats'],
    [
      'a late heartbeat',
      withB({ channel: { heartbeatSeconds: 60 } }),
      {},
      'slow-detection',
      'warn',
      'gives up after 60 s',
    ],
    [
      'a replica of a replica',
      sound.replica('d', { of: 'b', settings: { multiTierSlave: true } }),
      {},
      'chained',
      'note',
      'd:3306',
    ],
    [
      'a second channel',
      withB({ state: { channels: [channelFrom('a'), channelFrom('zz', { name: 'other' })] } }),
      {},
      'unmanaged-source',
      'warn',
      'zz:3306 (channel "other")',
    ],
    [
      'a source that is known only by what a connected receiver sees',
      withB({ channel: { sourceHost: 'vip.example', sourceServerId: 1 } }),
      {},
      'source-name',
      'warn',
      'b:3306 calls its source vip.example:3306, which is neither hostname nor address of a:3306',
    ],
    ['one replica only', cluster().source('a').replica('b'), {}, 'redundancy', 'note', 'b:3306'],
    [
      'nobody who may lead',
      cluster()
        .source('a')
        .replica('b', { settings: { noMaster: true } }),
      {},
      'at-least-one-candidate',
      'refuse',
      'no_master=1',
    ],
    [
      'a newer replica',
      withB({ state: { version: { ...mysql97, vendor: 'mariadb', major: 11 } } }),
      {},
      'version-order',
      'note',
      'newer',
    ],
    [
      'a replica older than its source',
      cluster()
        .source('a', { state: { version: { ...mysql97, vendor: 'mariadb', major: 11 } } })
        .replica('b'),
      {},
      'version-order',
      'warn',
      'older than the source',
    ],
    [
      'a replica that looks for a source by itself',
      withB({ state: { version: mysql97 }, channel: { receiverOptions: { autoFailover: true } } }),
      {},
      'auto-failover',
      'warn',
      'b:3306 has SOURCE_CONNECTION_AUTO_FAILOVER=1',
    ],
    [
      'neither TLS nor the public key',
      withB({ state: { version: mysql97 }, channel: { receiverOptions: { getPublicKey: false, publicKeyPath: '' } } }),
      {},
      'source-public-key',
      'note',
      'b:3306 replicates without TLS',
    ],
    ['two families', withB({ state: { version: mysql97 } }), {}, 'version-order', 'warn', 'MariaDB and MySQL'],
    [
      'different gtid_mode',
      cluster()
        .source('a', { state: { version: mysql97, gtid: { ...mysqlGtid, executed: '' } } })
        .replica('b', { state: { version: mysql97, gtid: { ...mysqlGtid, mode: 'OFF', executed: '' } } }),
      {},
      'gtid-mode-uniform',
      'warn',
      'a:3306 ON, b:3306 OFF',
    ],
    [
      'an errant transaction (MySQL)',
      mysqlPair(`${uuidA}:1-10,${uuidB}:1-2`),
      {},
      'errant-gtid',
      'warn',
      `${uuidB}:1-2`,
    ],
    [
      'an errant transaction (MariaDB)',
      withB({ state: { gtid: mariadbState('0-1-100,0-2-101') } }),
      {},
      'errant-gtid',
      'warn',
      '0-2-101',
    ],
    [
      'one whose number is out of order (MariaDB)',
      withB({ state: { gtid: mariadbState('0-2-60,0-1-100') } }),
      {},
      'errant-gtid',
      'warn',
      '0-2-60 (still in its binary log)',
    ],
    [
      'one that is purged (MariaDB)',
      withB({ state: { gtid: mariadbState('0-1-100,0-2-101') } }),
      { facts: factsOf('b', { binlogBeginning: known('0-1-90,0-2-101') }) },
      'errant-gtid',
      'warn',
      '0-2-101 (purged from its binary log)',
    ],
    ['relay logs that go at once', withB({}), {}, 'relay-log-purge', 'note', 'relay_log_purge=1'],
    ['relay logs that are needed', withB({}), { ssh: [sshOf('a', noLogin)] }, 'relay-log-purge', 'warn', 'b:3306'],
    ['no SSH', sound, { ssh: [sshOf('a', noLogin)] }, 'ssh-login', 'warn', 'no route'],
    [
      'a refused login',
      sound,
      { ssh: [sshOf('a', { ...noLogin, reach: { outcome: 'ok' }, login: failed })] },
      'ssh-login',
      'warn',
      'a failed',
    ],
    ['no forwarding', sound, { ssh: [sshOf('b', { reverse: failed })] }, 'reverse-tunnel', 'warn', 'no reverse tunnel'],
    ['no way to a host without SSH', sound, { ssh: [sshOf('b', noLogin)] }, 'reverse-tunnel', 'warn', 'no route'],
    [
      'no forwarding, but an address',
      withB({ settings: { recoveryListenAddress: '10.0.0.9' } }),
      { ssh: [sshOf('b', { reverse: failed })] },
      'reverse-tunnel',
      'note',
      '10.0.0.9',
    ],
    [
      'a server that its SSH user may not end',
      sound,
      { fences: [{ server: id('b'), sight: 'may-not-end', lines: ['mysqld (pid 7) listens on port 3306'] }] },
      'fence',
      'warn',
      'may not end this server: mysqld (pid 7)',
    ],
    [
      'a server that its SSH user does not see',
      sound,
      { fences: [{ server: id('b'), sight: 'not-seen', lines: ['no process holds the port'] }] },
      'fence',
      'warn',
      'cannot see which process this server is: no process holds the port',
    ],
    [
      'binary logs where nobody would look',
      withB({ state: { binlogBase: '/data/log/bin' } }),
      { ssh: [sshOf('b', { directories: [{ path: '/var/lib/mysql', state: 'missing' }] })] },
      'binlog-dir',
      'warn',
      'b:3306 keeps its binary logs in /data/log, which master_binlog_dir does not name: /var/lib/mysql (missing)',
    ],
    [
      'binary logs by another name, perhaps',
      withB({ state: { binlogBase: '/data/log/bin' } }),
      { ssh: [sshOf('b', { directories: [{ path: '/var/log/mysql', state: 'readable' }] })] },
      'binlog-dir',
      'note',
      'b:3306 keeps its binary logs in /data/log',
    ],
    [
      'binary logs that cannot be read',
      sound,
      {
        ssh: [
          sshOf('a', {
            directories: [
              { path: '/var/lib/mysql/', state: 'files-not-readable' },
              { path: '/var/log', state: 'readable' },
            ],
          }),
        ],
      },
      'binlog-readable',
      'warn',
      '/var/lib/mysql/ (files not readable)',
    ],
    [
      'a first host key',
      sound,
      { hostKeys: [{ host: 'a', kind: 'recorded', fingerprint: 'SHA256:x', file: 'k' }] },
      'ssh-host-key',
      'note',
      'SHA256:x',
    ],
    [
      'a changed host key',
      sound,
      { hostKeys: [{ host: 'a', kind: 'changed-accepted', fingerprint: 'SHA256:x', file: 'k' }] },
      'ssh-host-key',
      'warn',
      'is not the one',
    ],
    [
      'any host key accepted',
      sound,
      { sshOptions: [{ server: id('a'), hostKeyPolicy: 'accept-any', notUnderstood: [] }] },
      'ssh-host-key',
      'warn',
      'any host key',
    ],
    [
      'strange ssh options',
      sound,
      { sshOptions: [{ server: id('a'), hostKeyPolicy: undefined, notUnderstood: ['-A'] }] },
      'ssh-options',
      'warn',
      '-A',
    ],
    [
      'an account that is denied',
      sound,
      {
        accounts: [{ from: id('c'), to: id('b'), user: 'repl', result: { kind: 'denied', message: 'Access denied' } }],
      },
      'replication-account',
      'refuse',
      'repl from c:3306 to b:3306: denied (Access denied)',
    ],
    [
      'an account denied where nobody will follow',
      withB({ settings: { noMaster: true } }),
      { accounts: [{ from: id('c'), to: id('b'), user: 'repl', result: { kind: 'denied', message: 'x' } }] },
      'replication-account',
      'warn',
      'denied',
    ],
    [
      'an account that could not be tried',
      sound,
      { accounts: [{ from: id('c'), to: id('b'), user: 'repl', result: { kind: 'cannot-tell', message: 'x' } }] },
      'replication-account',
      'note',
      'could not be tried',
    ],
    [
      'tables without transactions',
      sound,
      { facts: factsOf('a', { nonTransactionalTables: known(['d.a', 'd.b', 'd.c', 'd.d', 'd.e', 'd.f']) }) },
      'non-transactional-tables',
      'warn',
      '6 tables without transactions: d.a, d.b, d.c, d.d, d.e and 1 more',
    ],
    [
      'prepared XA transactions',
      sound,
      { facts: factsOf('a', { preparedXa: known(["'g1','b1'"]) }) },
      'prepared-xa',
      'note',
      "1 prepared XA transactions: 'g1','b1'",
    ],
    [
      'prepared XA transactions before a switch',
      sound,
      { purpose: 'switch', facts: factsOf('a', { preparedXa: known(["'g1'"]) }) },
      'prepared-xa',
      'refuse',
      'prepared XA',
    ],
    [
      'that nobody may ask for them, before a switch',
      sound,
      { purpose: 'switch', facts: factsOf('a', { preparedXa: { known: false, reason: 'Access denied' } }) },
      'prepared-xa',
      'warn',
      'could not be asked: Access denied',
    ],
    [
      'such tables on a replica of a dead source',
      sound.dead('a'),
      { facts: factsOf('b', { nonTransactionalTables: known(['d.a']) }) },
      'non-transactional-tables',
      'warn',
      'd.a',
    ],
    [
      'events that stay off',
      sound,
      { facts: factsOf('b', { events: known([{ name: 'd.e', status: 'disabled-on-replica' }]) }) },
      'events-disabled',
      'warn',
      'd.e',
    ],
    [
      'events that run on a replica',
      withB({ state: { eventScheduler: true } }),
      { facts: factsOf('b', { events: known([{ name: 'd.e', status: 'enabled' }]) }) },
      'events-on-replica',
      'warn',
      'd.e',
    ],
    [
      'accounts that pass read_only',
      sound,
      {
        facts: factsOf('b', {
          readOnlyBypassers: known([
            { user: 'mha', host: '%' },
            { user: 'root', host: 'localhost' },
            { user: 'app', host: '%' },
          ]),
        }),
      },
      'read-only-bypass',
      'note',
      'read_only: app@%',
    ],
    [
      'an unknown replica',
      sound,
      {
        facts: factsOf('a', {
          preparedXa: known([]),
          dumps: known([
            { user: 'repl', host: '10.0.0.77:5000' },
            { user: 'repl', host: 'fd00::77:50000' },
            { user: 'repl', host: '[fd00::78]:50000' },
            { user: 'repl', host: 'fd00::79' },
            { user: 'repl', host: '10.0.0.2' },
          ]),
        }),
      },
      'unmanaged-replica',
      'warn',
      'from 10.0.0.77, fd00::77, fd00::78, fd00::79, which',
    ],
  ])('%s', (_, built, changes, wanted, severity, seen) => {
    const findings = preflight(evidenceOf(built, changes)).filter((finding) => finding.id === wanted);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]?.severity).toBe(severity);
    expect(findings[0]?.seen).toContain(seen);
  });
});

describe('nobody who may lead', () => {
  const newer = { ...mysql97, vendor: 'mariadb', major: 11 } as const;
  /** One must not lead, the other is newer than it. */
  const neither = cluster()
    .source('a')
    .replica('b', { settings: { noMaster: true } })
    .replica('c', { state: { version: newer } });
  const refused = (forced?: string): boolean =>
    preflight(evidenceOf(neither, forced === undefined ? {} : { forced: id(forced) })).some(
      ({ id: found }) => found === 'at-least-one-candidate',
    );

  it('is refused, unless the operator names one that is fit but newer', () => {
    expect([refused(), refused('c')]).toEqual([true, false]);
  });

  it('is refused still when the named one must not lead', () => {
    expect(refused('b')).toBe(true);
  });
});

describe('preflight does not report', () => {
  const ids = (built: ClusterBuilder, changes: Partial<Evidence> = {}) =>
    preflight(evidenceOf(built, changes)).map((finding) => finding.id);

  it('receivers and lag of a dead source', () => {
    const found = ids(withB({ channel: { receiver: 'connecting', lag: 'unknown' } }).dead('a'), {
      purpose: 'failover',
    });
    expect(found).not.toContain('replica-threads');
    expect(found).not.toContain('replica-lag');
  });

  it('a lag that the command line allows', () => {
    expect(ids(withB({ channel: { lag: 31 } }), { maxLagSeconds: 31 })).not.toContain('replica-lag');
  });

  it('a lag that is the configured delay', () => {
    expect(ids(withB({ channel: { lag: 3601, delaySeconds: 3600 } }))).not.toContain('replica-lag');
  });

  it('filters in another order', () => {
    const filters = (doDb: string) => ({ channel: { filters: { ...noFilters, doDb } } });
    expect(ids(cluster().source('a').replica('b', filters('x,y')).replica('c', filters('y, x,x')))).not.toContain(
      'filters-equal',
    );
  });

  it('transactions of the source that it made while the servers were read', () => {
    expect(ids(mysqlPair(`${uuidA}:1-12`))).not.toContain('errant-gtid');
  });

  it('transactions of a replica from its time as the source', () => {
    const built = cluster()
      .source('a', { state: { gtid: mariadbState('0-2-50,0-1-100') } })
      .replica('b', { state: { gtid: mariadbState('0-1-100,0-2-50') } });
    expect(ids(built)).not.toContain('errant-gtid');
  });

  it('a listener on the configured loopback address', () => {
    const built = withB({ settings: { address: '127.0.0.1' }, state: { bindAddress: '127.0.0.1' } });
    expect(ids(built)).not.toContain('bind-address');
  });

  it('loopback addresses where all servers are on one machine', () => {
    const settings = { address: '127.0.0.1' };
    const built = cluster().source('a', { settings }).replica('b', { settings });
    expect(ids(built)).not.toContain('loopback-address');
  });

  it('hosts that SSH is not asked for', () => {
    const found = ids(sound, { ssh: [sshOf('b', { ...noLogin, skipped: true })] });
    expect(found).not.toContain('ssh-login');
    expect(found).not.toContain('reverse-tunnel');
  });

  it('a server that the site stops by its own script, or that nobody wants as the source', () => {
    const fences = [{ server: id('b'), sight: 'may-not-end', lines: ['mysqld (pid 7)'] }] as const;
    expect(ids(sound, { fences })).toContain('fence');
    expect(ids(withB({ settings: { hooks: { shutdown: '/site/power' } } }), { fences })).not.toContain('fence');
    expect(ids(withB({ settings: { noMaster: true } }), { fences })).not.toContain('fence');
    expect(ids(sound, { fences: [{ ...fences[0], sight: 'may-end' }] })).not.toContain('fence');
  });

  it('what nobody could find out', () => {
    const unknown = { known: false, reason: 'denied' } as const;
    const facts = factsOf('a', {
      nonTransactionalTables: unknown,
      events: unknown,
      binlogBeginning: unknown,
      preparedXa: unknown,
      dumps: unknown,
      readOnlyBypassers: unknown,
    });
    expect(ids(sound, { facts })).toEqual(ids(sound));
  });
});

it.each([
  ['check', 'refuse'],
  ['monitor', 'refuse'],
  ['failover', 'warn'],
] as const)('names a binlog server that SSH cannot reach (%s: %s)', (purpose, severity) => {
  const copies = serverSettings('z', { block: 'binlog1' });
  const built = sound.with({ binlogServers: [copies] });
  const findings = preflight(evidenceOf(built, { purpose, ssh: [sshOf('z', noLogin)] }));
  const found = findings.find((finding) => finding.id === 'ssh-login');
  expect(found?.matters).toContain('copies of the binary logs');
  expect(found?.severity).toBe(severity);
});

it.each([
  ['check', 'refuse', ['missing', 'files-not-readable']],
  ['failover', 'warn', ['not-readable']],
  ['check', undefined, ['missing', 'readable']],
  ['check', undefined, [undefined]],
] as const)('names a binlog server whose copies cannot be read (%s: %s, %j)', (purpose, severity, states) => {
  const copies = serverSettings('z', { block: 'binlog1' });
  const built = sound.with({ binlogServers: [copies] });
  const directories = states.map((state) => ({ path: '/copies', state }));
  const findings = preflight(evidenceOf(built, { purpose, ssh: [sshOf('z', { directories })] }));
  const found = findings.find((finding) => finding.id === 'copies-readable');
  expect(found?.severity).toBe(severity);
  if (severity !== undefined) expect(found?.fix).toContain('master_binlog_dir in [binlog1]');
});

it('an encrypted log does less harm where a binlog server is sent it in clear', () => {
  const built = sealed.with({ binlogServers: [serverSettings('z', { block: 'binlog1' })] });
  const found = preflight(evidenceOf(built)).find((finding) => finding.id === 'sealed-log');
  expect(found).toMatchObject({ severity: 'note', fix: expect.stringContaining('[binlogN]') as string });
});

describe('the site’s scripts', () => {
  const asked = (ip: 'ok' | 'ten' | 'failed' | 'not-configured', power: 'ok' | 'not-configured') =>
    preflight(
      evidenceOf(sound, {
        scripts: [
          { name: 'master_ip_failover_script', outcome: ip, output: 'first\nno address\n' },
          { name: 'shutdown_script', outcome: power, output: '' },
        ],
      }),
    );

  it.each(['ten', 'failed'] as const)('refuse when one is not ready (%s), with its last words', (outcome) => {
    const findings = asked(outcome, 'ok');
    expect(refuses(findings)).toBe(true);
    expect(findings.find((finding) => finding.id === 'script-not-ready')).toMatchObject({ server: id('a') });
    expect(findings.find((finding) => finding.id === 'script-not-ready')?.seen).toContain('no address');
  });

  it('say what it means that there are none', () => {
    const findings = asked('not-configured', 'not-configured');
    expect(refuses(findings)).toBe(false);
    expect(findings.map(({ id }) => id)).toContain('no-scripts');
    expect(asked('ok', 'not-configured').map(({ id }) => id)).not.toContain('no-scripts');
  });
});
