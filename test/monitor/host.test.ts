import { describe, expect, it } from 'vitest';
import { canonicalAddress, formatAddress, isReachedAt, kernelAddresses } from '../../src/monitor/address.js';
import { parseHostReport } from '../../src/monitor/host-report.js';
import { hexPort } from '../../src/monitor/host-script.js';
import { judgeHost, unitOf } from '../../src/monitor/host-sight.js';
import { isSafe, isServer, isUntouchable } from '../../src/monitor/server-process.js';
import { recordOf } from '../../src/monitor/source-record.js';

const place = { address: '10.0.0.1', port: 3306, dataDir: '/var/lib/mysql' };

/** `stat` as proc(5) has it: the start time is the 22nd field. */
const stat = (pid: number, name: string, parent: number, state = 'S', start = 5_000): string =>
  `process ${String(pid)} (${name}) ${state} ${String(parent)} ${'0 '.repeat(17)}${String(start)} 0 0`;

const base = ['uid 0', 'uptime 100000.50 1.00', 'proc visible', 'net readable', 'data there'];
const listener = (address: string, inode: number): string =>
  `listener 0: ${address}:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000 106 0 ${String(inode)} 1 0 100 0 0 10 0`;
const systemd = ['process 1 (systemd) S 0 ' + '0 '.repeat(17) + '1 0', 'cwd other', 'cmd /sbin/init\t'];
const report = (...lines: readonly string[]) => parseHostReport([...base, ...lines, ''].join('\n'));

const alive = [
  listener('0100000A', 777),
  stat(900, 'mariadbd', 1),
  'cwd data',
  'cmd /usr/sbin/mariadbd\t',
  'owns 777',
  'service mariadb.service',
  ...systemd,
  'systemd yes',
  'unit 900 mariadb.service',
];

describe('the host’s report', () => {
  it('of a server that runs under systemd', () => {
    const seen = report(...alive);
    const sight = judgeHost(seen, place);
    expect(sight).toMatchObject({ process: 'running', lines: ['mariadbd (pid 900) holds the data directory'] });
    expect(recordOf(seen, place)).toEqual({
      pid: 900,
      startTime: '5000',
      unit: 'mariadb.service',
      ancestors: [{ pid: 1, startTime: '1', name: 'systemd' }],
    });
  });

  it('of a server that was started from a login: the unit of its shell is not its own', () => {
    const seen = report(
      stat(900, 'mysqld', 800),
      'cwd data',
      'cmd mysqld\t',
      'service ssh.service',
      stat(800, 'sshd', 1),
      'cwd other',
      'cmd sshd: root@pts/0\t',
      'service ssh.service',
      'systemd yes',
      'unit 800 ssh.service',
    );
    expect(judgeHost(seen, place).holders.map((holder) => unitOf(seen, holder))).toEqual([undefined]);
  });

  it('of a server under its restarting script, which is the unit’s main process', () => {
    const seen = report(
      stat(900, 'mysqld', 800),
      'cwd data',
      'cmd /usr/sbin/mysqld\t--datadir=/var/lib/mysql\t',
      stat(800, 'mysqld_safe', 1),
      'cwd other',
      'cmd /bin/sh\t/usr/bin/mysqld_safe\t',
      'systemd yes',
      'unit 800 mysql.service',
    );
    expect(recordOf(seen, place)).toMatchObject({
      unit: 'mysql.service',
      ancestors: [{ pid: 800, startTime: '5000', name: 'mysqld_safe' }],
    });
  });

  it.each<[string, readonly string[], string]>([
    ['nothing there', [], 'none'],
    ['a zombie', [stat(900, 'mariadbd', 1, 'Z'), 'cwd denied', 'cmd '], 'none'],
    ['a server elsewhere', [stat(901, 'mysqld', 1), 'cwd other', 'cmd mysqld\t'], 'none'],
    [
      'one that may not have come to its directory yet',
      [stat(901, 'mysqld', 1, 'S', 9_999_900), 'cwd other', 'cmd mysqld\t'],
      'cannot-tell',
    ],
    [
      'a young one that names its directory',
      [stat(901, 'mysqld', 1, 'S', 9_999_900), 'cwd other', 'cmd mysqld\t--datadir=/srv/two\t'],
      'none',
    ],
    [
      'a young one that names ours',
      [stat(901, 'mysqld', 1, 'S', 9_999_900), 'cwd other', 'cmd mysqld\t--datadir=/var/lib/mysql/\t'],
      'running',
    ],
    ['one that may not be looked into', [stat(901, 'mysqld', 1), 'cwd denied', 'cmd mysqld\t'], 'cannot-tell'],
    [
      'our port on every address',
      [listener('00000000', 5), stat(9, 'mysqld', 1), 'cwd other', 'cmd mysqld\t', 'owns 5'],
      'running',
    ],
    ['our port, owner unknown', [listener('0100000A', 5)], 'running'],
    [
      'the same port on the address of a known neighbour',
      [listener('0200000A', 5), stat(9, 'mysqld', 1), 'cwd other', 'cmd mysqld\t', 'owns 5'],
      'none',
    ],
    ['the same port on another address, owner unknown', [listener('0200000A', 5)], 'cannot-tell'],
    ['an exporter is no server', [stat(9, 'mysqld_exporter', 1), 'cwd data', 'cmd mysqld_exporter\t'], 'none'],
    ['an operator’s shell in the directory', [stat(9, 'bash', 1), 'cwd data', 'cmd bash\t/usr/sbin/mysqld\t'], 'none'],
    ['a server under a loader', [stat(9, 'ld-linux-x86-64', 1), 'cwd data', 'cmd /d/ld.so\t/d/mysqld\t'], 'running'],
  ])('%s', (_name, lines, process) => {
    expect(judgeHost(report(...lines), place).process).toBe(process);
  });

  it('of a process that is met twice, as an ancestor and as the owner of the port', () => {
    const again = report(listener('0100000A', 5), ...alive.slice(1), stat(1, 'systemd', 0), 'cwd other', 'owns 5');
    expect(again.processes.map(({ pid, sockets }) => [pid, sockets])).toEqual([
      [900, ['777']],
      [1, ['5']],
    ]);
  });

  it('of its newest binary log', () => {
    expect(report('newest 4711 /log/my bin.000042').newestBinlog).toEqual({ file: 'my bin.000042', position: 4711 });
    expect(report('newest 4711 /log/bin.index').newestBinlog).toBeUndefined();
    expect(report().newestBinlog).toBeUndefined();
  });

  it('of several servers from option files, where our data directory is not known: one that listens elsewhere is another', () => {
    const neighbour = [stat(901, 'mariadbd', 1), 'cwd other', 'cmd mariadbd\t--defaults-file=/etc/two.cnf\t'];
    const unknown = { address: '10.0.0.1', port: 3306 };
    expect(judgeHost(report(...neighbour), unknown).process).toBe('cannot-tell');
    expect(judgeHost(report(...neighbour, 'elsewhere'), unknown).process).toBe('none');
    expect(judgeHost(report(...neighbour, listener('0100000A', 5), 'owns 5', 'elsewhere'), unknown).process).toBe(
      'running',
    );
  });

  it('of a host that hides its processes proves nothing', () => {
    expect(judgeHost(parseHostReport('uid 1000\nnet readable\n'), place).process).toBe('cannot-tell');
    expect(judgeHost(parseHostReport('uid 1000\nproc visible\n'), place).process).toBe('cannot-tell');
    expect(judgeHost(parseHostReport(''), place).process).toBe('cannot-tell');
  });

  it('knows the process that was the source whatever it shows now', () => {
    const seen = report(stat(900, 'mysqld', 1, 'D'), 'cwd other', 'cmd mysqld\t');
    expect(judgeHost(seen, place, { pid: 900, startTime: '5000' }).process).toBe('running');
    // The number was given to another process meanwhile.
    expect(judgeHost(seen, place, { pid: 900, startTime: '4999' }).process).toBe('none');
  });
});

describe('addresses as the kernel prints them', () => {
  it.each([
    ['0100007F', '127.0.0.1'],
    ['0100000A', '10.0.0.1'],
    ['0000000000000000FFFF00000100000A', '10.0.0.1'],
    ['B80D01200000000000000000010000AB', canonicalAddress('2001:db8::ab00:1')],
  ])('%s is %s', (hex, text) => {
    expect(formatAddress(hex)).toBe(text);
  });

  it('finds listeners by every form that reaches the address', () => {
    expect(kernelAddresses('10.0.0.1')).toEqual([
      '00000000',
      '0'.repeat(32),
      '0000000000000000FFFF00000100000A',
      '0100000A',
    ]);
    for (const hex of kernelAddresses('10.0.0.1')) expect(isReachedAt(formatAddress(hex), '10.0.0.1')).toBe(true);
    for (const hex of kernelAddresses('fd00::1')) expect(isReachedAt(formatAddress(hex), 'fd00::1')).toBe(true);
    expect(isReachedAt('127.0.0.1', '10.0.0.1')).toBe(false);
    expect(hexPort(80)).toBe('0050');
  });
});

describe('process names', () => {
  const named = (name: string, ...words: readonly string[]) => {
    const [process] = parseHostReport(`${stat(9, name, 1)}\ncmd ${words.join('\t')}\n`).processes;
    if (process === undefined) throw new Error('not parsed');
    return process;
  };

  it.each([
    ['mysqld', true],
    ['mariadbd', true],
    ['mysqld-debug', true],
    ['mysqld_safe', false],
    ['mariadbd-safe', false],
    ['mysqld_exporter', false],
    ['mysqldump', false],
    ['sh', false],
  ])('%s is a server: %s', (name, expected) => {
    expect(isServer(named(name, name))).toBe(expected);
  });

  it('knows the restarting script by its name or as a shell’s first word', () => {
    expect(isSafe(named('mariadbd-safe', '/bin/sh', '/usr/bin/mariadbd-safe'))).toBe(true);
    expect(isSafe(named('sh', 'sh', '/usr/bin/mysqld_safe', '--x'))).toBe(true);
    expect(isSafe(named('sh', 'sh', '-c', 'less /usr/bin/mysqld_safe'))).toBe(false);
  });

  it.each(['systemd', 'sshd', 'sshd-session', 'init', 'containerd-shim'])('never touches %s', (name) => {
    expect(isUntouchable({ pid: 5, name })).toBe(true);
  });

  it('reads a name with blanks and parentheses', () => {
    expect(parseHostReport(`${stat(9, 'a) b (c', 4)}\n`).processes).toMatchObject([
      { pid: 9, name: 'a) b (c', parent: 4 },
    ]);
  });
});
