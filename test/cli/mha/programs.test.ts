import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { oldNames } from '../../../src/cli/mha/names.js';
import { callOldName as call, confText, place } from '../support/program.js';

const checkout = join(import.meta.dirname, '../../..');

describe('the programs of MHA', () => {
  it('are installed beside ours, one file for each', () => {
    const { bin } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { bin: Record<string, string> };
    const files = Object.fromEntries(oldNames.map(({ name }) => [name, `bin/${name}.js`]));
    expect(bin).toEqual({ 'mha-ts': 'bin/run.js', ...files });
    expect(readdirSync(join(checkout, 'bin')).sort()).toEqual(
      Object.values(bin)
        .map((file) => file.replace('bin/', ''))
        .sort(),
    );
  });

  it.each(oldNames.map(({ name }) => name))('%s tells its version as MHA does', (name) => {
    const { status, stdout } = call('/', `${name} --version`);
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^${name} version 0\\.58\\.\nmha-ts \\d+\\.\\d+\\.\\d+\n$`));
  });

  it('work through the link that is installed, and show MHA’s spelling in help', () => {
    const { folder } = place();
    const link = join(folder, 'masterha_check_status');
    symlinkSync(join(checkout, 'bin/masterha_check_status.js'), link);
    const { status, stdout } = spawnSync(link, ['-help'], { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toContain('$ masterha_check_status --app=app1 --status_dir=');
  });
});

describe('exit codes under MHA’s names', () => {
  it.each<[string, number, RegExp, RegExp]>([
    ['masterha_check_repl', 1, /^--conf=<FILE> must be set\.\n$/, /^$/],
    ['masterha_check_repl --conf=nowhere.cnf', 1, /^$/, /CONF_NOT_FOUND/],
    ['masterha_check_repl --conf=app1.cnf --skip_ssh_check', 1, /NOT OK!\n$/, /configuration:/],
    ['masterha_check_repl --conf=app1.cnf --seconds_behind_master=-1', 1, /^$/, /-1/],
    ['masterha_check_ssh --conf=app1.cnf --port=3', 1, /NOT OK/, /--port is not known/],
    ['masterha_check_status --conf=app1.cnf', 2, /^app1 is stopped\(2:NOT_RUNNING\)\.\n$/, /^$/],
    [
      'masterha_check_status --conf=app1.cnf --global_conf=nowhere',
      2,
      /stopped/,
      /no global configuration file nowhere/,
    ],
    ['masterha_check_status --conf=app1.cnf --ping_limit=soon', 2, /stopped/, /--ping_limit needs a number/],
    ['masterha_check_status --app=nobody', 1, /^$/, /\/usr\/local\/masterha\/conf\/nobody\.cnf/],
    ['masterha_check_status --app=a1 --workdir=work', 2, /^a1 is stopped/, /^$/],
    ['masterha_stop --conf=app1.cnf', 0, /^MHA Manager is not running on app1\(2:NOT_RUNNING\)\.\n$/, /^$/],
    ['masterha_master_switch --master_state=alive --conf=app1.cnf --dry-run', 1, /^$/, /PREFLIGHT_REFUSED/],
    ['masterha_master_switch --master_state=alive --conf=app1.cnf --keep', 1, /--keep is not known/, /^$/],
    ['masterha_conf_host --conf=app1.cnf --command=frob', 255, /^$/, /frob/],
    ['masterha_conf_host --conf=app1.cnf --command=add --block=9', 255, /^$/, /--hostname/],
    ['masterha_conf_host --conf=app1.cnf --command=add --hostname=a --params=prot=3', 255, /^$/, /Did you mean "port"/],
    ['masterha_secondary_check --master_host=127.0.0.1', 0, /^$/, /^$/],
    [
      'masterha_secondary_check --master_host=127.0.0.1 -s=127.0.0.1 --port=1 --timeout=2',
      2,
      /is NOT reachable!/,
      /^$/,
    ],
    ['masterha_manager --conf=app1.cnf --skip_ssh_check', 1, /^$/, /PREFLIGHT_REFUSED/],
    ['masterha_master_monitor --conf=app1.cnf --skip_ssh_check', 1, /^$/, /PREFLIGHT_REFUSED/],
  ])('%s: %i', (line, status, out, err) => {
    const { folder, put } = place();
    put('app1.cnf', confText());
    const answer = call(folder, line);
    expect(answer.stdout).toMatch(out);
    expect(answer.stderr).toMatch(err);
    expect(answer.status).toBe(status);
  });
});
