import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { confText, place } from './support/program.js';

describe('wrong usage', () => {
  it.each<[string, readonly string[], RegExp]>([
    ['a command that there is not', ['frobnicate'], /There is no command "frobnicate"/],
    ['a misspelt command', ['check-rpl'], /Did you mean "check-repl"\?/],
    ['a misspelt command of a topic', ['config', 'shw'], /Did you mean "config show"\?/],
    ['an unknown flag', ['switch', '--new-mster', 'db2'], /--new-mster\. Did you mean --new-master\?/],
    ['several unknown flags', ['stop', '--abrt', '--frobnicate'], /--abrt\. Did you mean --abort\? There is/],
    ['a flag without its value', ['switch', '--new-master'], /--new-master/],
    ['a missing flag', ['failover'], /dead-master-host/],
    ['a number that is none', ['manager', '--last-failover-minute', 'soon'], /soon/],
    ['a number below its least value', ['check-repl', '--seconds-behind-master=-1'], /-1|0/],
    ['a word too many', ['manager', 'app1.cnf'], /mha-ts manager takes no word of its own, and "app1\.cnf" is no flag/],
    [
      'an unknown flag where there are only the common ones',
      ['check-ssh', '--cnf', 'a'],
      /--cnf\. Did you mean --conf\?/,
    ],
    ['a misspelt common flag', ['completion', 'zsh', '--jsn'], /--jsn\. Did you mean --json\?/],
  ])('%s: exit 2, told on stderr, and with --json as one value', (_what, words, telling) => {
    const { call, put } = place();
    put('app1.cnf', confText());
    const plain = call(words);
    expect(plain.status).toBe(2);
    expect(plain.stdout).toBe('');
    expect(plain.stderr).toMatch(telling);
    const json = call([...words, '--json']);
    expect(json.status).toBe(2);
    const seen: unknown = expect.stringMatching(telling);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'USAGE', seen }, exit: 2 });
  });

  it('takes MHA’s spellings', () => {
    const { call, put } = place();
    put('app1.cnf', confText());
    expect(call(['check_repl', '--skip_ssh_check']).stdout).toContain('Replication Health is NOT OK');
    expect(call(['switch', '--new_master_host', '127.0.0.1', '--yes']).stderr).toContain('SERVER_AMBIGUOUS');
  });
});

describe('the program', () => {
  it.each(['config show --effective', 'config show --json', 'status'])(
    '%s ends as it would when its output finds no room, and says so',
    (words) => {
      const { folder, put } = place();
      put('app1.cnf', confText());
      const program = join(import.meta.dirname, '../../bin/run.js');
      const script = `"$0" "$1" ${words} > /dev/full`;
      const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, program], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(status).toBe(words === 'status' ? 2 : 0);
      expect(stderr).toMatch(/^warning: the output could not be written whole: ENOSPC/m);
      expect(stderr).not.toContain('    at ');
    },
  );

  it.each(['--help', 'config show --effective', 'config show --json'])(
    '%s ends well when its reader is gone',
    (words) => {
      const { folder, put } = place();
      put('app1.cnf', confText());
      const program = join(import.meta.dirname, '../../bin/run.js');
      const script = `"$0" "$1" ${words} | :; echo "\${PIPESTATUS[0]}"`;
      const { stdout } = spawnSync('bash', ['-c', script, process.execPath, program], {
        cwd: folder,
        encoding: 'utf8',
      });
      expect(stdout).toBe('0\n');
    },
  );

  it('looks for nothing in the home of its user, which may be somebody else’s', () => {
    const { call, put } = place();
    const { status, stderr } = call(['--version'], { env: { HOME: put('no-folder', '') } });
    expect([status, stderr]).toEqual([0, '']);
  });

  it('works for a user that the system has no name for, without a home', ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can become another user');
    const program = join(import.meta.dirname, '../../bin/run.js');
    const nameless = {
      uid: 54_321,
      gid: 54_321,
      cwd: '/',
      env: { PATH: process.env['PATH'] },
      encoding: 'utf8',
    } as const;
    const mayUse = ['-r', program, '-a', '-x', process.execPath];
    skip(spawnSync('test', mayUse, nameless).status !== 0, 'others may not read this checkout, or run this Node');
    const { status, stderr } = spawnSync(process.execPath, [program, 'status', '--conf', '/nowhere.cnf'], nameless);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^Error CONF_NOT_FOUND/);
  });

  it('works from any directory, and tells its version', () => {
    const { call } = place();
    const { status, stdout } = call(['--version'], { cwd: '/' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^mha-ts\/\d+\.\d+\.\d+ /);
  });
});
