import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { callOldName, confText, place } from './support/program.js';

describe('manager_log', () => {
  it('has what was said before it was known, and the error that ends the manager', () => {
    const { folder, put } = place();
    put('app1.cnf', confText({ defaults: 'manager_log=logs/app1.log\ncandidate_master=1\n' }));
    const { status, stderr } = callOldName(folder, 'masterha_manager --conf=app1.cnf --skip_ssh_check --frobnicate=x');
    expect(status).toBe(1);
    const log = readFileSync(join(folder, 'logs/app1.log'), 'utf8');
    for (const text of [stderr, log]) {
      expect(text.match(/warning: --frobnicate is not known/g)).toHaveLength(1);
      expect(text.match(/warning: .*app1\.cnf:\d+: candidate_master/g)).toHaveLength(1);
      expect(text).toContain('PREFLIGHT_REFUSED');
    }
    expect(log).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z INFO {2}warning: --frobnicate/);
    expect(log).toMatch(/Z ERROR PREFLIGHT_REFUSED: /);
  });

  it('is appended to, and is another file where --log_output says so', () => {
    const { folder, put } = place();
    put('app1.cnf', confText({ defaults: 'manager_log=app1.log\n' }));
    put('other.log', 'before\n');
    callOldName(folder, 'masterha_manager --conf=app1.cnf --skip_ssh_check --log_output=other.log');
    expect(readFileSync(join(folder, 'other.log'), 'utf8')).toMatch(/^before\n.*configuration: /);
    expect(() => readFileSync(join(folder, 'app1.log'))).toThrow('ENOENT');
  });

  it.each(['w', 'a'])('that stdout and stderr lead to as well is told each line once (%s)', (how) => {
    const { folder, put } = place();
    const defaults = 'manager_log=app1.log\ncandidate_master=1\n';
    put('app1.cnf', confText({ defaults }));
    const log = put('app1.log', how === 'a' ? 'earlier\n' : '');
    const output = openSync(log, how);
    const words = ['--conf=app1.cnf', '--skip_ssh_check', '--frobnicate=x'];
    const manager = join(import.meta.dirname, '../../bin/masterha_manager.js');
    const stdio = ['ignore', output, output] as const;
    const { status } = spawnSync(process.execPath, [manager, ...words], { cwd: folder, stdio: [...stdio] });
    closeSync(output);
    expect(status).toBe(1);
    const lines = readFileSync(log, 'utf8').split('\n');
    const counted = [
      'earlier',
      '--frobnicate is not known',
      'configuration: ',
      'candidate_master',
      'PREFLIGHT_REFUSED: ',
    ];
    const found = counted.map((text) => lines.filter((line) => line.includes(text)).length);
    expect(found, lines.join('\n')).toEqual([how === 'a' ? 1 : 0, 1, 1, 1, 1]);
    expect(lines.at(-1)).toBe('');
    expect(lines).toContainEqual(expect.stringMatching(/^\S+Z ERROR it ends with an error:$/));
    expect(lines.filter((line) => line === '' || line.includes('\0'))).toEqual(['']);
  });

  it('is that of a failover by hand, where nobody is asked', () => {
    const { folder, put } = place();
    put('app1.cnf', confText());
    const dead =
      'masterha_master_switch --master_state=dead --conf=app1.cnf --dead_master_host=127.0.0.1 --dead_master_port=1';
    expect(callOldName(folder, `${dead} --log_output=asked.log`).stderr).toContain('PREFLIGHT_REFUSED');
    expect(() => readFileSync(join(folder, 'asked.log'))).toThrow('ENOENT');
    callOldName(folder, `${dead} --interactive=0 --log_output=dead.log`);
    expect(readFileSync(join(folder, 'dead.log'), 'utf8')).toMatch(/Z ERROR PREFLIGHT_REFUSED: /);
  });

  it('that cannot be written is said, and stops nobody', () => {
    const { folder, put } = place();
    put('app1.cnf', confText({ defaults: 'manager_log=app1.cnf/app1.log\n' }));
    const { stderr } = callOldName(folder, 'masterha_manager --conf=app1.cnf --skip_ssh_check');
    expect(stderr).toMatch(/manager_log .*app1\.log: /);
    expect(stderr).toContain('PREFLIGHT_REFUSED');
  });

  it('is left alone by a check', () => {
    const { folder, put } = place();
    put('app1.cnf', confText({ defaults: 'manager_log=app1.log\n' }));
    expect(callOldName(folder, 'masterha_check_repl --conf=app1.cnf --skip_ssh_check --log_output=b.log').status).toBe(
      1,
    );
    for (const name of ['app1.log', 'b.log']) expect(() => readFileSync(join(folder, name))).toThrow('ENOENT');
  });
});
