import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

/** The built program in a process of its own, as people and scripts call it. */
const program = join(import.meta.dirname, '../../bin/run.js');
const folder = mkdtempSync(join(tmpdir(), 'mha-ts-commands-'));
const conf = join(folder, 'app1.cnf');
const password = 'canary-secret-4711';
writeFileSync(
  conf,
  `[server default]
user=mha
password=${password}
repl_user=repl
repl_password=${password}
ssh_user=root
manager_workdir=${folder}
[server1]
hostname=127.0.0.1
port=3311
[server2]
hostname=127.0.0.1
port=3312
`,
  { mode: 0o600 },
);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function call(...words: readonly string[]): Answer {
  const env = { PATH: process.env['PATH'], HOME: folder };
  return spawnSync(process.execPath, [program, ...words], { encoding: 'utf8', cwd: folder, env, timeout: 30_000 });
}

describe('exit codes are the same with and without --json', () => {
  it.each([
    ['a wrong flag', 2, ['switch', '--nope']],
    ['a missing flag', 2, ['failover']],
    ['a wrong value', 2, ['check-repl', '--seconds-behind-master', 'many']],
    ['wrong usage of status, where 2 means something else', 1, ['status', '--nope']],
    ['a word too many for status', 1, ['status', 'app1']],
    ['a configuration that is not there', 1, ['status', '--conf', '/nonexistent.cnf']],
    ['no manager', 2, ['status', '--conf', conf]],
    ['nobody to stop', 0, ['stop', '--conf', conf]],
    ['a valid configuration', 0, ['config', 'show', '--conf', conf]],
  ] as const)('%s: %d', (_, status, words) => {
    expect(call(...words).status).toBe(status);
    const json = call(...words, '--json');
    expect(json.status).toBe(status);
    expect(JSON.parse(json.stdout)).toBeTypeOf('object');
  });
});

describe('an error', () => {
  it('has three parts on stderr and nothing on stdout', () => {
    const { stdout, stderr } = call('status', '--conf', '/nonexistent.cnf');
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Error CONF_NOT_FOUND: .*\n {2}Why it matters: .*\n {2}What to do: .*\n$/);
  });

  it('is one JSON value on stdout with --json, without the words of the command line', () => {
    const { stdout, stderr } = call('switch', '--nope', password, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'USAGE' }, exit: 2 });
    expect(stdout + stderr).not.toContain(folder);
  });
});

describe('config show', () => {
  it('shows origins and masks every secret', () => {
    const { stdout, stderr } = call('config', 'show', '--effective', '--conf', conf);
    expect(stdout).toMatch(new RegExp(`^password = \\*{8} +# ${conf}:3$`, 'm'));
    expect(stdout).toMatch(/^port = 3311 +# /m);
    expect(stderr).toContain(`configuration: ${conf} (--conf)`);
    expect(stdout + stderr).not.toContain(password);
    expect(call('config', 'show', '--effective', '--conf', conf, '--json').stdout).not.toContain(password);
  });

  it('leaves out what nobody wrote unless it is asked for', () => {
    expect(call('config', 'show', '--conf', conf).stdout).not.toContain('# default');
  });
});

describe('status', () => {
  it('prints the sentence that scripts of MHA read', () => {
    expect(call('status', '--conf', conf).stdout).toBe('app1 is stopped(2:NOT_RUNNING).\n');
    expect(JSON.parse(call('status', '--conf', conf, '--json').stdout)).toEqual({
      app: 'app1',
      code: 2,
      name: 'NOT_RUNNING',
    });
  });

  it('needs no name to resolve, and neither does the end of a manager', () => {
    const elsewhere = join(folder, 'elsewhere.cnf');
    writeFileSync(elsewhere, `[server default]\nmanager_workdir=${folder}\n[server1]\nhostname=db1.invalid\n`);
    expect(call('status', '--conf', elsewhere).status).toBe(2);
    expect(call('stop', '--conf', elsewhere).status).toBe(0);
    expect(call('check-repl', '--conf', elsewhere).stderr).toContain('db1.invalid does not resolve');
  });

  it('is told in three parts, and as no wrong usage, where nobody thought of the reason', () => {
    mkdirSync(join(folder, 'a1.master_status.health'));
    const words = ['status', '--app', 'a1', '--workdir', folder];
    const { status, stderr } = call(...words);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error UNFORESEEN: EISDIR.*\n {2}Why it matters: .*\n {2}What to do: .*\n$/);
    expect(JSON.parse(call(...words, '--json').stdout)).toMatchObject({ error: { code: 'UNFORESEEN' }, exit: 1 });
  });

  it('reads no configuration when name and directory are given', () => {
    const { status, stderr } = call('status', '--app', 'other', '--status_dir', folder);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
  });

  it('refuses to guess from a file that no manager wrote', () => {
    writeFileSync(join(folder, 'odd.master_status.health'), 'hello\n');
    const { status, stderr } = call('status', '--app', 'odd', '--workdir', folder);
    expect(status).toBe(1);
    expect(stderr).toContain('Error STATUS_UNREADABLE');
  });
});

describe('help', () => {
  it.each(['manager', 'failover', 'switch', 'check-repl', 'check-ssh', 'status', 'stop', 'config show', 'completion'])(
    'of %s shows an example',
    (command) => {
      const { status, stdout } = call(...command.split(' '), '--help');
      expect(status).toBe(0);
      expect(stdout).toContain(`$ mha-ts ${command === 'completion' ? '' : command}`);
      expect(stdout).toContain('EXAMPLES');
    },
  );
});
