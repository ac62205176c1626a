import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfiguration } from '../../src/config/load-configuration.js';
import { containing, faultOf, folder, load, lookup, objectWith, put } from './support.js';

const oneServer = '[server1]\nhostname=a\n';

describe('the sample', () => {
  it('loads, and shows a candidate and a server that never leads', async () => {
    const { settings } = await loadConfiguration({
      conf: 'conf/app1.cnf',
      env: {},
      cwd: process.cwd(),
      lookup: async (name) => Promise.reject(new Error(`${name} was asked for`)),
    });
    expect(settings.app).toBe('app1');
    expect(settings.servers.map((server) => server.id)).toEqual([
      'db1.example.com:3306',
      'db2.example.com:3306',
      'db3.example.com:3306',
    ]);
    expect(settings.servers.map((server) => server.candidateMaster)).toEqual([false, true, false]);
    expect(settings.servers[2]).toMatchObject({ noMaster: true, nodeLabel: 'reporting', address: '192.0.2.13' });
    expect(settings.servers[0]?.account.password.reveal()).toBe('change-me');
  });
});

describe('defaults', () => {
  it('are those of MHA where the file says nothing', async () => {
    const { settings } = await load(oneServer);
    expect(settings).toMatchObject({
      app: 'app',
      workdir: '/var/tmp',
      logLevel: 'info',
      checkReplFilter: true,
      requireCompleteRescue: false,
      switchDrainSeconds: 10,
      applierStallSeconds: 60,
      laggardFetchLimitBytes: 4096 * 1024 * 1024,
      minFreeDiskBytes: 256 * 1024 * 1024,
      hookTimeoutSeconds: 300,
      hookSecrets: 'arguments',
      binlogServers: [],
    });
    expect(settings.servers[0]).toMatchObject({
      id: 'a:3306',
      block: 'server1',
      address: '10.0.0.1',
      port: 3306,
      ssh: { host: 'a', address: '10.0.0.1', port: 22, options: '', connectTimeoutMs: 5000 },
      account: { user: 'root' },
      pingIntervalMs: 3000,
      pingType: 'SELECT',
      latestPriority: true,
      checkReplDelay: true,
      binlogDirs: ['/var/lib/mysql', '/var/log/mysql'],
      remoteWorkdir: '/var/tmp',
      hooks: {},
    });
    expect(settings.servers[0]).not.toHaveProperty('useGtidAutoPos');
    expect(settings.servers[0]).not.toHaveProperty('replicationUser');
  });
});

describe('inheritance', () => {
  it('goes from the global file over the application to the server', async () => {
    const directory = await folder();
    const globalConf = await put(directory, 'global.cnf', '[server default]\nuser=g\nport=1111\nping_interval=9\n');
    const { settings } = await load(
      '[server default]\nport=2222\nping_interval=5\n[server1]\nhostname=a\nping_interval=2\n',
      { globalConf },
    );
    const server = settings.servers[0];
    expect([server?.account.user, server?.port, server?.pingIntervalMs]).toEqual(['g', 2222, 2000]);
  });

  it('passes over keys that only count in a server block, and says so', async () => {
    const { settings, warnings } = await load(`[server default]\ncandidate_master=1\n${oneServer}`);
    expect(settings.servers[0]?.candidateMaster).toBe(false);
    expect(warnings).toContainEqual(
      objectWith({
        id: 'config-key-ignored',
        seen: containing('app.cnf:2: candidate_master'),
      }),
    );
  });

  it('lets an empty value switch an inherited hook off', async () => {
    const { settings } = await load(
      '[server default]\nshutdown_script=/bin/off\n[server1]\nhostname=a\nshutdown_script=""\n',
    );
    expect(settings.servers[0]?.hooks).toEqual({});
  });

  it('reads only the defaults of the global file', async () => {
    const directory = await folder();
    const globalConf = await put(directory, 'global.cnf', '[server default]\nuser=g\n[server7]\nhostname=b\n');
    const { settings, warnings } = await load(oneServer, { globalConf });
    expect(settings.servers).toHaveLength(1);
    expect(warnings.map((finding) => finding.id)).toContain('config-block-ignored');
  });

  it('notes a missing default global file and refuses a missing named one', async () => {
    const { warnings } = await load(oneServer);
    expect(warnings.map(({ id, severity }) => [id, severity])).toEqual([['config-global-missing', 'note']]);
    expect((await faultOf(load(oneServer, { globalConf: '/nowhere/global.cnf' }))).code).toBe('CONF_NOT_FOUND');
  });
});

describe('the writer’s address', () => {
  const two = (defaults: string, server: string): string =>
    `[server default]\nwriter_vip=10.0.0.100/24\n${defaults}[server1]\nhostname=a\n[server2]\nhostname=b\n${server}`;

  it('is one for all, on the interface that each block names', async () => {
    const { settings } = await load(two('writer_vip_interface=eth0\n', 'writer_vip_interface=bond0.7\n'));
    expect(settings.writerVip).toEqual({ address: '10.0.0.100', prefix: 24 });
    expect(settings.servers.map(({ writerVipInterface }) => writerVipInterface)).toEqual(['eth0', 'bond0.7']);
  });

  it.each([
    ['10.0.0.100', 'has no length'],
    ['10.0.0.300/24', 'is no address'],
    ['10.0.0.100/33', 'is too long'],
    ['127.0.0.1/8', 'is everybody’s'],
    ['fd00::1/64', 'is not IPv4'],
  ])('%s %s', async (value) => {
    const text = `[server default]\nwriter_vip=${value}\nwriter_vip_interface=eth0\n${oneServer}`;
    expect((await faultOf(load(text))).code).toBe('CONF_INVALID');
  });

  it('needs an interface on every server, and is nobody’s own address', async () => {
    expect((await faultOf(load(two('', '')))).message).toContain('[server1] has no writer_vip_interface');
    const own = two('writer_vip_interface=eth0\n', 'ip=10.0.0.100\n');
    expect((await faultOf(load(own))).message).toContain('[server2] is reached at 10.0.0.100');
  });
});

describe('order of servers', () => {
  it('follows the number in the names when all have one', async () => {
    const { settings } = await load('[server10]\nhostname=a\n[server2]\nhostname=b\n[server1]\nhostname=c\n');
    expect(settings.servers.map((server) => server.block)).toEqual(['server1', 'server2', 'server10']);
  });

  it('does not depend on what the hosts with copies are called', async () => {
    const { settings } = await load(
      '[server10]\nhostname=a\n[server2]\nhostname=b\n[binlog_copy]\nhostname=c\n[binlog2]\nhostname=c\n',
    );
    expect(settings.servers.map((server) => server.block)).toEqual(['server2', 'server10']);
    expect(settings.binlogServers.map((server) => server.block)).toEqual(['binlog2', 'binlog_copy']);
  });

  it('follows the names otherwise', async () => {
    const { settings } = await load('[server_z]\nhostname=a\n[server10]\nhostname=b\n[server2]\nhostname=c\n');
    expect(settings.servers.map((server) => server.block)).toEqual(['server10', 'server2', 'server_z']);
  });
});

describe('addresses', () => {
  it('takes ip before the name, and asks nobody then', async () => {
    const { settings } = await load('[server1]\nhostname=unknown.example\nip=10.1.1.1\n');
    expect(settings.servers[0]?.address).toBe('10.1.1.1');
    expect(settings.servers[0]?.ssh.address).toBe('10.1.1.1');
  });

  it('resolves ssh_host by itself, and takes ssh_ip as written', async () => {
    const { settings } = await load(
      '[server1]\nhostname=a\nssh_host=a-admin\n[server2]\nhostname=b\nssh_ip=10.9.0.2\n',
    );
    expect(settings.servers.map((server) => server.ssh.address)).toEqual(['10.9.0.1', '10.9.0.2']);
    expect(settings.servers.map((server) => server.address)).toEqual(['10.0.0.1', '10.0.0.2']);
  });

  it('keeps how each host is logged in to apart', async () => {
    const ssh = (n: string): string =>
      `ssh_user=u${n}\nssh_port=22${n}\nssh_connection_timeout=${n}\nssh_options=-i /k${n}\n`;
    const { settings } = await load(`[server1]\nhostname=a\n${ssh('1')}[server2]\nhostname=b\n${ssh('2')}`);
    expect(settings.servers.map(({ ssh: own }) => own)).toEqual([
      objectWith({ user: 'u1', port: 221, connectTimeoutMs: 1000, options: '-i /k1' }),
      objectWith({ user: 'u2', port: 222, connectTimeoutMs: 2000, options: '-i /k2' }),
    ]);
  });

  it('refuses a name that does not resolve, at the line of its block', async () => {
    const fault = await faultOf(load('[server1]\nhostname=a\n[server2]\nhostname=nobody\n'));
    expect(fault.facts).toMatchObject({ line: 3, fix: containing('ip = ADDRESS') });
    expect(fault.message).toContain('nobody does not resolve');
  });

  it.each([
    ['db1:3307', 'Write db1 alone there, and the port as port = 3307.'],
    ['[::1]:3307', 'Write ::1 alone there, and the port as port = 3307.'],
    ['[::1]', 'Write ::1, without brackets.'],
  ])('says how %s is to be written', async (hostname, fix) => {
    const fault = await faultOf(load(`[server1]\nhostname=${hostname}\n`));
    expect(fault.facts).toMatchObject({ fix: containing(fix) });
  });
});

describe('bad input', () => {
  it('is told in bounds and without commands to the terminal, whatever the file is', async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `\u001B[2J\u0007${String(index)} = x`).join('\n');
    const fault = await faultOf(load(`[server1]\nhostname=a\n${'k'.repeat(3_000_000)} = 1\n${lines}\n`));
    expect(fault.message).toContain('and 4980 lines more');
    expect(fault.message).toContain('unknown key "\uFFFD[2J\uFFFD0"');
    expect(fault.message.length).toBeLessThan(3000);
    expect(fault.message).not.toMatch(/\p{Cc}/u);
  });

  it('names no line where none is to blame', async () => {
    const fault = await faultOf(load('[server default]\n'));
    expect(fault.message).toMatch(/app\.cnf: there is no \[serverN\] block$/);
  });

  it.each([
    [
      'an unknown key',
      '[server1]\nhostname=a\nping_intervall=3\n',
      3,
      'unknown key "ping_intervall"',
      '"ping_interval"',
    ],
    ['a key with dashes', '[server1]\nhostname=a\ncandidate-master=1\n', 3, 'unknown key', '"candidate_master"'],
    ['a key in capitals', '[server1]\nHostname=a\n', 2, 'unknown key "Hostname"', '"hostname"'],
    ['a key before a block', 'user=x\n[server1]\nhostname=a\n', 1, 'before the first block', '[server default]'],
    ['a strange block', '[server1]\nhostname=a\n[client]\nuser=x\n', 3, '[client] is no block', '[serverN]'],
    ['a line of zeros, as a crash leaves it', '[server1]\nhostname=a\n\0\0\0\n', 3, 'NUL bytes', 'UTF-8'],
    ['a value with a NUL byte', '[server1]\nhostname=a\nreport_script=/a\0b\n', 3, 'NUL bytes', 'UTF-8'],
    ['a line that is no pair', '[server1]\nhostname\n', 2, 'neither', 'key = value'],
    ['a server without a name', '[server1]\nport=3306\n', 1, '[server1] has no hostname', 'hostname = NAME'],
    [
      'defaults that are called a server',
      '[server_default]\nuser=x\n[server1]\nhostname=a\n',
      1,
      '[server_default] is taken for a server',
      '[server default]',
    ],
    [
      'a comment behind a number',
      '[server1]\nhostname=a\nport=3306 # the first\n',
      3,
      'port = "3306 # the first" is not',
      'on a line of its own',
    ],
    [
      'a comment behind the only host',
      '[server1]\nhostname=a ;first\n',
      2,
      'hostname = "a ;first" is not',
      'on a line of its own',
    ],
    ['an empty name', '[server1]\nhostname=\n', 1, '[server1] has no hostname', 'hostname = NAME'],
    ['no server at all', '[server default]\nuser=x\n', 0, 'no [serverN] block', '[server1]'],
    ['a half second', '[server1]\nhostname=a\nping_interval=0.5\n', 3, '"0.5" is not a whole number', 'from 1 to'],
    ['a port out of range', '[server default]\nport=70000\n[server1]\nhostname=a\n', 2, '"70000"', '65535'],
    ['an unknown ping type', '[server1]\nhostname=a\nping_type=PING\n', 3, 'ping_type', 'SELECT, CONNECT, INSERT'],
    ['a name that looks like an option', '[server1]\nhostname=-oProxyCommand=x\n', 2, 'is not a host name', 'hostname'],
    [
      'the same server twice',
      '[server1]\nhostname=a\n[server2]\nip=10.0.0.1\nhostname=z\n',
      3,
      'same server 10.0.0.1:3306',
      'Remove',
    ],
    [
      'a bad value of the manager',
      '[server default]\nswitch_drain_seconds=soon\n[server1]\nhostname=a\n',
      2,
      '"soon"',
      '0 to',
    ],
  ])('refuses %s', async (_, text, line, reason, fix) => {
    const fault = await faultOf(load(text));
    expect(fault.code).toBe('CONF_INVALID');
    expect(fault.exit).toBe(1);
    expect(fault.facts['line']).toBe(line);
    expect(fault.message).toContain(line === 0 ? 'app.cnf: ' : `app.cnf:${String(line)}: `);
    expect(fault.message).toContain(reason);
    expect(fault.next).toContain(fix);
  });

  it('names every problem in one run', async () => {
    const fault = await faultOf(load('[server1]\nhostname=a\nport=0\nping_type=x\n'));
    expect(fault.facts['others']).toHaveLength(1);
    expect(fault.message).toMatch(/app\.cnf:3: port.*app\.cnf:4: ping_type/);
  });

  it('says once what several servers inherit', async () => {
    const fault = await faultOf(load('[server default]\nport=0\n[server1]\nhostname=a\n[server2]\nhostname=b\n'));
    expect(fault.facts['others']).toEqual([]);
  });

  it('never shows the text of a secret', async () => {
    const { origins, settings, warnings } = await load(
      '[server default]\npassword="canary # x"\n[server1]\nhostname=a\n',
      {
        mode: 0o644,
      },
    );
    expect(settings.servers[0]?.account.password.reveal()).toBe('canary # x');
    expect(JSON.stringify({ origins, settings, warnings })).not.toContain('canary');
  });

  it('refuses a file that is not there and one that is no file', async () => {
    const directory = await folder();
    const missing = loadConfiguration({ conf: 'gone.cnf', env: {}, cwd: directory, lookup });
    expect((await faultOf(missing)).message).toContain(path.join(directory, 'gone.cnf'));
    const noFile = loadConfiguration({ conf: directory, env: {}, cwd: directory, lookup });
    expect((await faultOf(noFile)).code).toBe('CONF_UNREADABLE');
    const pipe = path.join(directory, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const waiting = loadConfiguration({ conf: pipe, env: {}, cwd: directory, lookup });
    expect((await faultOf(waiting)).message).toContain('it is not a regular file');
  });
});

describe('values', () => {
  it('keeps what the format keeps, where ini would not', async () => {
    const { settings } = await load(
      '[server.1]\nhostname=a\npassword=a#b;c=d\nuser="true"\nssh_options=-o X=1 ; comment\nnode_label=null\n',
    );
    const server = settings.servers[0];
    expect(server?.block).toBe('server.1');
    expect(server?.account.password.reveal()).toBe('a#b;c=d');
    expect([server?.account.user, server?.ssh.options, server?.nodeLabel]).toEqual(['true', '-o X=1', 'null']);
  });

  it('removes quotes once', async () => {
    const { settings, warnings } = await load('[server default]\npassword="p""\n[server1]\nhostname=a\n');
    expect(settings.servers[0]?.account.password.reveal()).toBe('p"');
    expect(warnings.map((finding) => finding.id)).toContain('config-quotes');
  });

  it('says when a command loses the quote at its end', async () => {
    const { settings, warnings } = await load("[server1]\nhostname=a\nreport_script=sh -c 'x'\n");
    expect(settings.servers[0]?.hooks.report).toBe("sh -c 'x");
    expect(warnings.find((finding) => finding.id === 'config-quotes')?.seen).toContain('lost its last quote');
  });

  it('merges repeated blocks and takes the last of repeated keys, with its line', async () => {
    const { settings, origins } = await load(
      '[server1]\nhostname=a\nport=1\n[server2]\nhostname=b\n[server1]\nport=2\n',
    );
    expect(settings.servers.map((server) => server.port)).toEqual([2, 3306]);
    expect(origins).toContainEqual(objectWith({ block: 'server1', key: 'port', origin: objectWith({ line: 7 }) }));
  });

  it('says that a copied block has kept its name, so that a server is lost', async () => {
    const { settings, warnings } = await load(
      '[server1]\nhostname=a\npassword=x\n[server1]\nhostname=b\npassword=y\nport=3306\n',
    );
    expect(settings.servers.map(({ hostname }) => hostname)).toEqual(['b']);
    const found = warnings.filter(({ id }) => id === 'config-repeated');
    expect(found.map(({ seen }) => /:\d+: .*/.exec(seen)?.[0])).toEqual([
      ':5: hostname of [server1] stands on line 2 already, with another value',
      ':6: password of [server1] stands on line 3 already, with another value',
    ]);
    expect(found[0]?.matters).toContain('neither watched nor recovered');
  });

  it('takes what is said twice in the same words without a word', async () => {
    const { warnings } = await load('[server1]\nhostname=a\n[server1]\nhostname=a\nport=1\n');
    expect(warnings.filter(({ id }) => id === 'config-repeated')).toEqual([]);
  });

  it('keeps binlog servers apart', async () => {
    const { settings } = await load(`${oneServer}[binlog1]\nhostname=b\nmaster_binlog_dir=/x, /y\n`);
    expect(settings.servers).toHaveLength(1);
    expect(settings.binlogServers[0]).toMatchObject({ id: 'b:binlog1', block: 'binlog1', binlogDirs: ['/x', '/y'] });
  });

  it('takes log_level and check_repl_filter from the first server', async () => {
    const { settings } = await load(
      '[server2]\nhostname=b\nlog_level=error\n[server1]\nhostname=a\nlog_level=DEBUG\ncheck_repl_filter=0\n',
    );
    expect([settings.logLevel, settings.checkReplFilter]).toEqual(['debug', false]);
  });

  it('reads a file that is not UTF-8 and says so', async () => {
    const directory = await folder();
    const conf = await put(directory, 'app.cnf', '');
    const { writeFile } = await import('node:fs/promises');
    await writeFile(conf, Buffer.from(`# caf\xe9\n${oneServer}`, 'latin1'));
    const { warnings } = await loadConfiguration({
      conf,
      env: {},
      cwd: directory,
      lookup,
      defaultGlobalConf: '/nowhere/x',
    });
    expect(warnings.map((finding) => finding.id)).toContain('config-encoding');
  });
});

describe('a file that others can read', () => {
  it('is a warning with the chmod when it holds a password', async () => {
    const { warnings } = await load(`[server default]\npassword=x\n${oneServer}`, { mode: 0o640 });
    const finding = warnings.find((item) => item.id === 'config-permissions');
    expect(finding).toMatchObject({ severity: 'warn', fix: containing('chmod 600 ') });
    expect(finding?.seen).toContain('0640');
  });

  it.each([
    ['without a password', oneServer, 0o644],
    ['that only its owner reads', `[server default]\npassword=x\n${oneServer}`, 0o600],
  ])('is nothing to say %s', async (_, text, mode) => {
    const { warnings } = await load(text, { mode });
    expect(warnings.map((finding) => finding.id)).not.toContain('config-permissions');
  });
});
