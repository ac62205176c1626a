import { describe, expect, it } from 'vitest';
import * as args from '../../src/hooks/arguments.js';
import { type HookLimits, runHook } from '../../src/hooks/run-hook.js';
import { secondOpinion } from '../../src/hooks/secondary-check.js';
import { callStatus } from '../../src/hooks/status-calls.js';
import { Secret } from '../../src/model/secret.js';
import type { ServerSettings } from '../../src/model/settings.js';
import { serverSettings } from '../support/picture.js';

function server(name: string, over: Partial<ServerSettings> = {}): ServerSettings {
  const address = `10.0.0.${name.slice(-1)}`;
  const account = { user: 'mha', password: new Secret("p'w d") };
  return serverSettings(name, { block: name, address, account, binlogDirs: [], ...over });
}

const texts = (list: ReturnType<typeof args.ipStatus>): readonly string[] => list.map(({ text }) => text);
const secrets = (list: ReturnType<typeof args.ipStatus>): readonly string[] =>
  list.filter(({ secret }) => secret === true).map(({ text }) => text);

const db1 = server('db1');
const db2 = server('db2');
const far = server('db3', {
  ssh: { host: 'db3-ssh', address: '192.168.0.3', port: 2222, user: 'ops', options: '-i /k', connectTimeoutMs: 5000 },
  masterPidFile: '/run/mysqld/mysqld.pid',
});
const other = server('db4', {
  ssh: { host: 'db4', address: '192.168.0.4', port: 22, user: 'root', options: '', connectTimeoutMs: 5000 },
});
const otherPort = server('db5', {
  ssh: { host: 'db5', address: '10.0.0.5', port: 2022, user: 'root', options: '', connectTimeoutMs: 5000 },
});
const identity1 = ['--orig_master_host=db1', '--orig_master_ip=10.0.0.1', '--orig_master_port=3306'];
const identity3 = ['--orig_master_host=db3', '--orig_master_ip=10.0.0.3', '--orig_master_port=3306'];
const quietly = '-o StrictHostKeyChecking=accept-new -o PasswordAuthentication=no -o BatchMode=yes';
const alive = `--ssh_options=-i /k -o ServerAliveInterval=60 -o ServerAliveCountMax=20 -o ConnectionAttempts=5 ${quietly}`;
const check = `-i /k ${quietly} -o ConnectTimeout=5`;
const extras3 = ['--orig_master_ssh_host=db3-ssh', '--orig_master_ssh_ip=192.168.0.3', '--orig_master_ssh_port=2222'];

describe('MHA’s hook arguments', () => {
  it.each([
    ['ip status', args.ipStatus(db1), ['--command=status', '--ssh_user=root', ...identity1]],
    ['ip stopssh', args.ipStop(db1, true), [...identity1, '--command=stopssh', '--ssh_user=root']],
    ['ip stop', args.ipStop(db1, false), [...identity1, '--command=stop']],
    [
      'ip stopssh with everything',
      args.ipStop(far, true),
      [...identity3, '--command=stopssh', '--ssh_user=ops', ...extras3, alive],
    ],
    [
      'ip start',
      args.ipStart(db1, db2, true),
      [
        '--command=start',
        '--ssh_user=root',
        ...identity1,
        '--new_master_host=db2',
        '--new_master_ip=10.0.0.2',
        '--new_master_port=3306',
        '--new_master_user=mha',
        "--new_master_password=p'w d",
      ],
    ],
    [
      'ip stop with everything',
      args.ipStop(far, false),
      [...identity3, '--command=stop', ...extras3, `--ssh_options=${check}`],
    ],
    [
      'ip start between hosts with SSH elsewhere',
      args.ipStart(far, other, false),
      [
        '--command=start',
        '--ssh_user=root',
        ...identity3,
        '--new_master_host=db4',
        '--new_master_ip=10.0.0.4',
        '--new_master_port=3306',
        '--new_master_user=mha',
        "--new_master_password=p'w d",
        ...extras3,
        '--new_master_ssh_host=db4',
        '--new_master_ssh_ip=192.168.0.4',
        `--ssh_options=${check}`,
      ],
    ],
    [
      'ip status with everything',
      args.ipStatus(far),
      ['--command=status', '--ssh_user=ops', ...identity3, ...extras3, alive],
    ],
    [
      'ip stop with another SSH port alone',
      args.ipStop(otherPort, false),
      [
        '--orig_master_host=db5',
        '--orig_master_ip=10.0.0.5',
        '--orig_master_port=3306',
        '--command=stop',
        '--orig_master_ssh_port=2022',
      ],
    ],
    [
      'shutdown stop with everything',
      args.shutdown(far, 'stop'),
      [
        '--command=stop',
        '--host=db3',
        '--ip=10.0.0.3',
        '--port=3306',
        '--pid_file=/run/mysqld/mysqld.pid',
        '--ssh_host=db3-ssh',
        '--ssh_ip=192.168.0.3',
        '--ssh_port=2222',
        `--ssh_options=${check}`,
      ],
    ],
    [
      'shutdown status with everything',
      args.shutdown(far, 'status'),
      [
        '--command=status',
        '--ssh_user=ops',
        '--host=db3',
        '--ip=10.0.0.3',
        '--ssh_host=db3-ssh',
        '--ssh_ip=192.168.0.3',
        '--ssh_port=2222',
        alive,
      ],
    ],
    [
      'shutdown status',
      args.shutdown(db1, 'status'),
      ['--command=status', '--ssh_user=root', '--host=db1', '--ip=10.0.0.1'],
    ],
    ['shutdown stop', args.shutdown(db1, 'stop'), ['--command=stop', '--host=db1', '--ip=10.0.0.1', '--port=3306']],
    [
      'shutdown stopssh with everything',
      args.shutdown(far, 'stopssh'),
      [
        '--command=stopssh',
        '--ssh_user=ops',
        '--host=db3',
        '--ip=10.0.0.3',
        '--port=3306',
        '--pid_file=/run/mysqld/mysqld.pid',
        '--ssh_host=db3-ssh',
        '--ssh_ip=192.168.0.3',
        '--ssh_port=2222',
        alive,
      ],
    ],
    [
      'online change',
      args.onlineChange({ command: 'stop', source: db1, next: db2, oldSourceStays: true }),
      [
        '--command=stop',
        ...identity1,
        '--orig_master_user=mha',
        "--orig_master_password=p'w d",
        '--orig_master_ssh_user=root',
        '--new_master_host=db2',
        '--new_master_ip=10.0.0.2',
        '--new_master_port=3306',
        '--new_master_user=mha',
        "--new_master_password=p'w d",
        '--new_master_ssh_user=root',
        '--orig_master_is_new_slave',
      ],
    ],
    [
      'online change, start, the old source leaves',
      args.onlineChange({ command: 'start', source: far, next: db2, oldSourceStays: false }),
      [
        '--command=start',
        ...identity3,
        '--orig_master_user=mha',
        "--orig_master_password=p'w d",
        '--orig_master_ssh_user=ops',
        '--new_master_host=db2',
        '--new_master_ip=10.0.0.2',
        '--new_master_port=3306',
        '--new_master_user=mha',
        "--new_master_password=p'w d",
        '--new_master_ssh_user=root',
        ...extras3,
        alive,
      ],
    ],
    [
      'secondary check with ssh_options, and without the SSH port, which MHA does not pass',
      args.secondaryCheck(far),
      [
        '--user=ops',
        '--master_host=db3',
        '--master_ip=10.0.0.3',
        '--master_port=3306',
        '--master_user=mha',
        "--master_password=p'w d",
        '--ping_type=SELECT',
        `--options=${check}`,
      ],
    ],
    [
      'secondary check',
      args.secondaryCheck(db1),
      [
        '--user=root',
        '--master_host=db1',
        '--master_ip=10.0.0.1',
        '--master_port=3306',
        '--master_user=mha',
        "--master_password=p'w d",
        '--ping_type=SELECT',
      ],
    ],
    [
      'report without a new source',
      args.report({ source: db1, replicas: [], confFile: '/etc/app1.cnf', subject: 's', body: 'b' }),
      ['--orig_master_host=db1', '--conf=/etc/app1.cnf', '--subject=s', '--body=b'],
    ],
    [
      'report',
      args.report({ source: db1, next: db2, replicas: [far], confFile: '/etc/app1.cnf', subject: 's', body: 'b' }),
      [
        '--orig_master_host=db1',
        '--new_master_host=db2',
        '--new_slave_hosts=db3',
        '--conf=/etc/app1.cnf',
        '--subject=s',
        '--body=b',
      ],
    ],
  ])('%s', (_name, list, expected) => {
    expect(texts(list)).toEqual(expected);
    // Wherever a password is an argument, it is marked.
    expect(secrets(list).some((text) => text.includes("p'w d"))).toBe(
      texts(list).some((text) => text.includes("p'w d")),
    );
  });
});

describe('the report', () => {
  it('is shortened to what one argument may hold', async () => {
    const body = 'ä'.repeat(200_000);
    const list = args.report({ source: db1, replicas: [], confFile: '/etc/app1.cnf', subject: 's', body });
    expect(texts(list).at(-1)).toContain('shortened');
    expect(await runHook({ name: 'report_script', command: 'true', args: list }, limits)).toMatchObject({
      outcome: 'ok',
    });
  });
});

const limits: HookLimits = { timeoutMs: 5_000, secrets: 'arguments', log: () => undefined };

describe('the second opinion', () => {
  const asking = (secondaryCheck: string) => secondOpinion(server('db1', { hooks: { secondaryCheck } }), limits);
  const { signal } = new AbortController();

  it('is absent when no script is configured', () => {
    expect(secondOpinion(db1, limits)).toBeUndefined();
    expect(asking('  ')).toBeUndefined();
  });

  it.each([
    ['true', 'permits'],
    ['exit 3; :', 'objects'],
    ['exit 10; :', 'objects'],
    ['/no/such/program', 'objects'],
  ])('%j %s', async (command, answer) => {
    expect(await asking(command)?.(signal)).toBe(answer);
  });
});

describe('the status calls', () => {
  it('ask both scripts and say which are not configured', async () => {
    const source = server('db1', { hooks: { masterIpFailover: `test "$1" = --command=status; exit $?; :` } });
    const calls = await callStatus(source, limits);
    expect(calls.map(({ name, result }) => [name, result.outcome])).toEqual([
      ['master_ip_failover_script', 'ok'],
      ['shutdown_script', 'not-configured'],
    ]);
  });
});
