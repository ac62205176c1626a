import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Answer, confText, password, place } from './support/program.js';

const commands: readonly (readonly string[])[] = [
  ['check-repl'],
  ['check-ssh'],
  ['manager'],
  ['failover', '--dead-master-host', '127.0.0.1:1', '--yes'],
  ['switch', '--yes'],
  ['config', 'show'],
];

function expectError(answer: Answer, code: string, ...parts: readonly (string | RegExp)[]): void {
  expect(answer.status).toBe(1);
  expect(answer.stdout).toBe('');
  expect(answer.stderr).toContain(`Error ${code}: `);
  for (const part of parts) expect(answer.stderr).toMatch(part);
  expect(answer.stderr).toContain('Why it matters: ');
  expect(answer.stderr).toContain('What to do: ');
  expect(answer.stderr).not.toContain(password);
}

describe('a configuration that is wrong', () => {
  it.each<[string, string, readonly (string | RegExp)[]]>([
    [
      'an unknown key, with its line and the key that was meant',
      confText({ first: 'candidate_mster=1\n' }),
      [/app1\.cnf:10: unknown key "candidate_mster"/, /Did you mean "candidate_master"/],
    ],
    [
      'the same server twice',
      confText().replace('port=2', 'port=1'),
      [/app1\.cnf:10: .*\[server2\] and \[server1\] are the same server 127\.0\.0\.1:1/],
    ],
    [
      'a value out of range, with the range',
      confText({ defaults: 'ping_interval=0\n' }),
      [/app1\.cnf:7: ping_interval = "0"/, /from 1 to \d+/],
    ],
    ['a value of another kind', confText({ second: 'candidate_master=perhaps\n' }), [/app1\.cnf:13: candidate_master/]],
    ['a line that is no setting', confText({ first: 'what is this\n' }), [/app1\.cnf:10: /]],
    ['no server at all', '[server default]\nuser=mha\n', [/app1\.cnf/]],
  ])('%s', (_what, text, parts) => {
    const { put, call, folder } = place();
    put('app1.cnf', text);
    expectError(call(['check-repl', '--conf', 'app1.cnf']), 'CONF_INVALID', ...parts);
    // Nothing was touched, not even here.
    expect(existsSync(join(folder, 'work'))).toBe(false);
  });

  it('is told alike by every command, with --json as one value', () => {
    const { put, call } = place();
    put('app1.cnf', confText({ first: 'prot=1\n' }));
    for (const words of commands) {
      const json = call([...words, '--json']);
      expect(json.status).toBe(1);
      expect(JSON.parse(json.stdout)).toMatchObject({
        error: { code: 'CONF_INVALID', facts: { line: 10, reason: 'unknown key "prot"' } },
        exit: 1,
      });
      expect(json.stdout + json.stderr).not.toContain(password);
    }
  });

  it('that is a directory, or is not there, is told with its path', () => {
    const { folder, call } = place();
    mkdirSync(join(folder, 'dir.cnf'));
    expectError(call(['check-repl', '--conf', 'dir.cnf']), 'CONF_UNREADABLE', join(folder, 'dir.cnf'));
    expectError(call(['check-repl', '--conf', 'no.cnf']), 'CONF_NOT_FOUND', join(folder, 'no.cnf'));
    expectError(call(['check-repl']), 'CONF_NOT_FOUND', '--conf');
  });

  it('that may not be read is told with its path', ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may read every file');
    const { put, call } = place();
    const file = put('app1.cnf', confText(), 0o000);
    expectError(call(['check-repl', '--conf', file]), 'CONF_UNREADABLE', file);
  });
});

describe('a configuration with passwords that others can read', () => {
  it('is a warning with the command that repairs it', () => {
    const { put, call } = place();
    const file = put('app1.cnf', confText(), 0o644);
    const open = call(['config', 'show', '--conf', file]);
    expect(open.status).toBe(0);
    expect(open.stderr).toContain(`warning: ${file} holds passwords and has mode 0644`);
    expect(open.stderr).toContain(`chmod 600 ${file}`);
    put('app1.cnf', confText(), 0o600);
    expect(call(['config', 'show', '--conf', file]).stderr).not.toContain('chmod');
  });
});

describe('a name that means several servers', () => {
  it.each([
    [['switch', '--new-master', '127.0.0.1', '--yes']],
    [['manager', '--new-master', '127.0.0.1']],
    [['failover', '--dead-master-host', '127.0.0.1', '--yes']],
    [['failover', '--dead-master-host', '127.0.0.1:1', '--new-master', '127.0.0.1', '--yes']],
  ])('is an error that lists them: %j', (words) => {
    const { put, call } = place();
    put('app1.cnf', confText());
    expectError(call(words), 'SERVER_AMBIGUOUS', /127\.0\.0\.1:1, 127\.0\.0\.1:2/);
    const json = call([...words, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      error: { code: 'SERVER_AMBIGUOUS', facts: { matching: ['127.0.0.1:1', '127.0.0.1:2'] } },
    });
  });

  it('and one that means none lists those there are', () => {
    const { put, call } = place();
    put('app1.cnf', confText());
    expectError(call(['switch', '--new-master', 'db9.invalid', '--yes']), 'SERVER_UNKNOWN', /127\.0\.0\.1:1, /);
  });
});

describe('which configuration is taken', () => {
  const taken = (answer: Answer): string => /^configuration: (.*)$/m.exec(answer.stderr)?.[1] ?? answer.stderr;

  it('is said: the flag before MHA_CONF before the working directory', () => {
    const { put, call, folder } = place();
    const flag = put('flag.cnf', confText());
    const env = { MHA_CONF: put('env.cnf', confText()) };
    const below = put('conf/app1.cnf', confText());
    expect(taken(call(['config', 'show', '--conf', 'flag.cnf'], { env }))).toBe(`${flag} (--conf)`);
    expect(taken(call(['config', 'show'], { env }))).toBe(`${env.MHA_CONF} (MHA_CONF)`);
    expect(taken(call(['config', 'show']))).toContain(below);
    expect(taken(call(['config', 'show']))).toContain('conf/app1.cnf');
    const here = put('app1.cnf', confText());
    expect(taken(call(['config', 'show']))).toContain(here);
    mkdirSync(join(folder, 'elsewhere'));
    expect(call(['config', 'show'], { cwd: join(folder, 'elsewhere') }).status).toBe(1);
    expect(taken(call(['config', 'show'], { cwd: join(folder, 'elsewhere'), env }))).toContain(env.MHA_CONF);
  });
});

describe('servers that nobody answers for', () => {
  it('are told by check-ssh with the reason', () => {
    const { put, call } = place();
    put('app1.cnf', confText({ defaults: 'ssh_port=1\n' }));
    const { status, stdout } = call(['check-ssh']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/127\.0\.0\.1:1: NOT OK\n {4}connection failed: SSH to .*ECONNREFUSED/);
  });

  it('are no replicas that nothing was to be purged on', () => {
    const { put, call } = place();
    put('app1.cnf', confText());
    expectError(call(['purge-relay-logs']), 'PREFLIGHT_REFUSED', /No server of the configuration answers/);
  });

  it('are no cluster that somebody has changed, to a failover by hand', () => {
    const { put, call } = place();
    put('app1.cnf', confText());
    const words = ['failover', '--dead-master-host', '127.0.0.1:1', '--yes'];
    expectError(call(words), 'PREFLIGHT_REFUSED', /No server of the configuration answers/);
  });

  it('are told by check-repl as findings, exit 1, with no password anywhere', () => {
    const { put, call } = place();
    put('app1.cnf', confText());
    const plain = call(['check-repl', '--skip-check-ssh']);
    expect(plain.status).toBe(1);
    expect(plain.stdout).toContain('127.0.0.1:1');
    expect(plain.stdout).toContain('MySQL Replication Health is NOT OK!');
    const json = call(['check-repl', '--skip-check-ssh', '--json']);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false });
    expect(plain.stdout + plain.stderr + json.stdout + json.stderr).not.toContain(password);
  });

  it('keep the manager, a switch and a failover from acting', () => {
    const { put, call } = place();
    put('app1.cnf', confText());
    for (const words of [
      ['manager', '--skip-check-ssh'],
      ['switch', '--yes', '--skip-check-ssh'],
      ['failover', '--dead-master-host', '127.0.0.1:1', '--yes'],
    ]) {
      const answer = call([...words, '--json']);
      expect(answer.status).toBe(1);
      expect(JSON.parse(answer.stdout)).toMatchObject({ exit: 1 });
      expect(answer.stdout + answer.stderr).not.toContain(password);
    }
  });
});
