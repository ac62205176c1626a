import { describe, expect, it } from 'vitest';
import { helpText } from '../../../src/cli/mha/help.js';
import { oldNames } from '../../../src/cli/mha/names.js';
import type { OldName } from '../../../src/cli/mha/old-name.js';
import { type Translation, translate } from '../../../src/cli/mha/translate.js';

function named(name: string): OldName {
  const found = oldNames.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}

function meant(line: string): Translation {
  const [name = '', ...argv] = line.split(' ');
  return translate(named(name), argv);
}

/** The command line of ours; what MHA would do without being told is left out of it. */
function words(line: string, standard: readonly string[] = []): readonly string[] {
  const found = meant(line);
  if (found.kind !== 'run') throw new Error(JSON.stringify(found));
  return found.words.filter((word) => !standard.includes(word));
}

const inSync = '--wait-until-gtid-in-sync=1';
const dead = 'masterha_master_switch --master_state=dead --conf=c --dead_master_host=db1';
const alive = 'masterha_master_switch --master_state=alive --conf=c';
const aliveStandards = [
  '--no-orig-master-is-new-slave',
  '--running-updates-limit=1',
  '--running-seconds-limit=10',
  '--flush-tables=2',
];

/** What the manager and a failover by hand have in common. */
const failover: readonly (readonly [string, string])[] = [
  ['--new_master_host=db2', '--new-master-host=db2'],
  ['--new_master_port=3307', '--new-master-port=3307'],
  ['--last_failover_minute=5', '--last-failover-minute=5'],
  ['--ignore_last_failover', '--ignore-last-failover'],
  ['--wait_on_failover_error=3', '--wait-on-failover-error=3'],
  ['--remove_dead_master_conf', '--remove-dead-master-conf'],
  ['--remove_orig_master_conf', '--remove-dead-master-conf'],
  ['--skip_save_master_binlog', '--skip-save-master-binlog'],
  ['--skip_change_master', '--skip-change-master'],
  ['--skip_disable_read_only', '--skip-disable-read-only'],
  ['--wait_until_gtid_in_sync=0', '--wait-until-gtid-in-sync=0'],
  ['--ignore_binlog_server_error', '--ignore-binlog-server-error'],
];
const monitor: readonly (readonly [string, string])[] = [
  ['--global_conf=g', '--global-conf=g'],
  ['--workdir=/w', '--workdir=/w'],
  ['--manager_workdir=/w', '--workdir=/w'],
  ['--log_output=/l', '--log-output=/l'],
  ['--manager_log=/l', '--log-output=/l'],
  ['--wait_on_monitor_error=4', '--wait-on-monitor-error=4'],
  ['--ignore_fail_on_start', '--ignore-fail-on-start'],
  ['--skip_ssh_check', '--skip-ssh-check'],
  ['--skip_check_ssh', '--skip-ssh-check'],
  ['--seconds_behind_master=9', '--seconds-behind-master=9'],
  ['--interactive=1', '--interactive=1'],
  ['--interactive=0', '--interactive=0'],
];

describe('every option of MHA', () => {
  it.each([...monitor, ...failover])('masterha_manager %s is %s', (written, ours) => {
    expect(words(`masterha_manager --conf=c ${written}`, [inSync])).toEqual(['manager', '--conf=c', ours]);
  });

  it.each(monitor)('masterha_master_monitor %s is %s', (written, ours) => {
    const rest = words(`masterha_master_monitor --conf=c ${written}`).filter(
      (word) => written.startsWith('--interactive') || word !== '--interactive=1',
    );
    expect(rest).toEqual(['monitor', '--conf=c', ours]);
  });

  it.each([
    ['--global_conf=g', '--global-conf=g'],
    ['--seconds_behind_master=60', '--seconds-behind-master=60'],
    ['--workdir=/w', '--workdir=/w'],
    ['--skip_ssh_check', '--skip-ssh-check'],
    ['--ignore_fail_on_start', '--ignore-fail-on-start'],
  ])('masterha_check_repl %s is %s', (written, ours) => {
    expect(words(`masterha_check_repl --conf=c ${written}`)).toEqual(['check-repl', '--conf=c', ours]);
  });

  const unused = oldNames.flatMap(({ name, shapes }) =>
    shapes.flatMap((shape) => shape.unused.map((option) => [name, option.names[0], option, shape.needs] as const)),
  );

  it.each(unused)('%s takes --%s in silence, and it changes nothing', (name, _option, option, needs) => {
    const line = [name, ...needs.map((needed) => `--${needed}=x`)].join(' ');
    const written = option.names.map((one) => (option.takes === 'nothing' ? `--${one}` : `--${one}=7`));
    for (const word of written) {
      expect(meant(`${line} ${word}`)).toMatchObject({ warnings: [] });
      expect(words(`${line} ${word}`)).toEqual(words(line));
    }
  });

  it('masterha_check_ssh takes its two', () => {
    expect(words('masterha_check_ssh --conf=c --global_conf=g')).toEqual(['check-ssh', '--conf=c', '--global-conf=g']);
  });

  const place: readonly (readonly [string, string])[] = [
    ['--conf=c', '--conf=c'],
    ['--global_conf=g', '--global-conf=g'],
    ['--app=app1', '--app=app1'],
    ['--status_dir=/w', '--status-dir=/w'],
    ['--workdir=/w', '--status-dir=/w'],
    ['--manager_workdir=/w', '--status-dir=/w'],
    ['--log_output=/l', '--log-output=/l'],
    ['--all', '--all'],
    ['--basedir=/b', '--basedir=/b'],
    ['--baselog=/b', '--baselog=/b'],
  ];

  it.each<readonly [string, string]>([...place, ['--ping_limit=20', '--ping-limit=20']])(
    'masterha_check_status %s is %s',
    (written, ours) => {
      expect(words(`masterha_check_status ${written}`)).toEqual(['status', ours]);
    },
  );

  it.each<readonly [string, string]>([...place, ['--abort', '--abort'], ['--abort_timeout=9', '--abort-timeout=9']])(
    'masterha_stop %s is %s',
    (written, ours) => {
      expect(words(`masterha_stop ${written}`)).toEqual(['stop', ours]);
    },
  );

  it.each<readonly [string, string]>([
    ...failover,
    ['--global_conf=g', '--global-conf=g'],
    ['--dead_master_ip=10.0.0.1', '--dead-master-ip=10.0.0.1'],
    ['--dead_master_port=3307', '--dead-master-port=3307'],
    ['--ssh_reachable=0', '--ssh-reachable=0'],
    ['--interactive=0', '--interactive=0'],
    ['--workdir=/w', '--workdir=/w'],
    ['--log_output=/l', '--log-output=/l'],
  ])('masterha_master_switch --master_state=dead %s is %s', (written, ours) => {
    const rest = words(`${dead} ${written}`, [inSync, '--dead-master-port=3306']);
    expect(rest).toEqual(
      expect.arrayContaining(['failover', '--ask-as-mha', '--conf=c', '--dead-master-host=db1', ours]),
    );
    expect(rest).toHaveLength(5);
  });

  it.each([
    ['--new_master_host=db2', '--new-master-host=db2'],
    ['--new_master_port=3307', '--new-master-port=3307'],
    ['--interactive=0', '--interactive=0'],
    ['--orig_master_is_new_slave', '--orig-master-is-new-slave'],
    ['--running_updates_limit=5', '--running-updates-limit=5'],
    ['--running_seconds_limit=6', '--running-seconds-limit=6'],
    ['--seconds_behind_master=7', '--seconds-behind-master=7'],
    ['--skip_lock_all_tables', '--skip-lock-all-tables'],
    ['--flush_tables=0', '--flush-tables=0'],
    ['--remove_orig_master_conf', '--remove-orig-master-conf'],
    ['--remove_dead_master_conf', '--remove-orig-master-conf'],
    ['--check_only', '--check-only'],
    ['--global_conf=g', '--global-conf=g'],
    ['--workdir=/w', '--workdir=/w'],
  ])('masterha_master_switch --master_state=alive %s is %s', (written, ours) => {
    expect(words(`${alive} ${written}`, aliveStandards)).toEqual(['switch', '--ask-as-mha', '--conf=c', ours]);
  });

  it.each([
    ['--block=100', '--block=100'],
    ['--hostname=db5', '--hostname=db5'],
    ['--params=no_master=1;port=3307', '--params=no_master=1;port=3307'],
  ])('masterha_conf_host %s is %s', (written, ours) => {
    const ready = ['conf-host', '--command=add', '--conf=c', ours];
    expect(words(`masterha_conf_host --command=add --conf=c ${written}`)).toEqual(ready);
  });

  it.each([
    ['-s a -s b', '--secondary-host=a --secondary-host=b'],
    ['--secondary_host=a', '--secondary-host=a'],
    ['--user=u', '--user=u'],
    ['--port=23', '--port=23'],
    ['--options=-i=k', '--options=-i=k'],
    ['--master_ip=10.0.0.1', '--master-ip=10.0.0.1'],
    ['--master_port=3307', '--master-port=3307'],
    ['--master_user=m', '--master-user=m'],
    ['--master_password=p', '--master-password=p'],
    ['--ping_type=INSERT', '--ping-type=INSERT'],
    ['--timeout=9', '--timeout=9'],
  ])('masterha_secondary_check %s is %s', (written, ours) => {
    const rest = words(`masterha_secondary_check --master_host=db1 ${written}`);
    expect(rest.filter((word) => !['secondary-check', '--master-host=db1'].includes(word)).join(' ')).toBe(ours);
  });
});

describe('what MHA does without being told', () => {
  it.each([
    ['masterha_manager --conf=c', ['manager', inSync, '--conf=c']],
    ['masterha_manager --conf=c --interactive=0 --interactive=1', ['manager', inSync, '--conf=c', '--interactive=1']],
    ['masterha_master_monitor --conf=c', ['monitor', '--interactive=1', '--conf=c']],
    [dead, ['failover', '--ask-as-mha', inSync, '--dead-master-port=3306', '--conf=c', '--dead-master-host=db1']],
    [alive, ['switch', '--ask-as-mha', ...aliveStandards, '--conf=c']],
    ['masterha_manager --conf=c --check_only --last_failover_minute=1', ['check-repl', '--conf=c']],
    ['masterha_manager --conf=c --monitor_only', ['monitor', '--interactive=0', '--conf=c']],
  ])('%s', (line, ours) => {
    expect(words(line)).toEqual(ours);
  });
});

describe('wrong usage', () => {
  it.each([
    ['masterha_manager', 1, /--conf=<FILE> must be set/],
    ['masterha_check_ssh --global_conf=g', 1, /--conf=<FILE> must be set/],
    ['masterha_master_switch --conf=c', 1, /--master_state=<dead\|alive> must be set/],
    ['masterha_master_switch --conf=c --master_state=ill', 1, /--master_state/],
    ['masterha_master_switch --conf=c --master_state=dead', 1, /--dead_master_host=<HOST> must be set/],
    ['masterha_master_switch --conf=c --master_state=alive --foo=1', 1, /--foo is not known/],
    ['masterha_master_switch --conf=c --master_state=alive --flush_tables', 1, /--flush_tables needs a value/],
    ['masterha_conf_host --conf=c', 255, /--command=<add\|remove\|delete> must be set/],
    ['masterha_secondary_check -s a', 1, /--master_host=<HOST> must be set/],
    ['masterha_secondary_check -s a --master_host=db1 --colour', 1, /--colour is not known/],
  ])('%s ends with %i', (line, exit, telling) => {
    const found = meant(line);
    expect(found).toMatchObject({ kind: 'refused', exit });
    expect(found.kind === 'refused' ? found.lines.join('\n') : '').toMatch(telling);
  });

  it.each(['masterha_manager', 'masterha_check_repl', 'masterha_check_ssh', 'masterha_stop', 'masterha_check_status'])(
    '%s warns of what MHA ignores, names the nearest, and shows no value',
    (name) => {
      const found = meant(`${name} --conf=c --globl_conf=secret --noabort word`);
      expect(found.kind === 'run' ? found.warnings : []).toEqual([
        '--globl_conf is not known (did you mean --global_conf?); it is ignored, as MHA does',
        expect.stringMatching(/^--noabort is not known.*ignored, as MHA does$/),
        '"word" is no option; it is ignored, as MHA does',
      ]);
    },
  );
});

describe('help and version', () => {
  it.each(oldNames.map(({ name }) => name))('%s tells both before anything else', (name) => {
    expect(meant(`${name} --conf=c --help`)).toEqual({ kind: 'help' });
    expect(meant(`${name} -version --foo`)).toEqual({ kind: 'version' });
    const text = helpText(named(name));
    expect(text).toContain(name);
    expect(text).not.toContain('undefined');
    for (const shape of named(name).shapes) {
      for (const { names } of [...shape.options, ...shape.unused]) expect(text).toContain(`--${names[0]}`);
    }
  });

  it.each(oldNames.map((one) => [one.name, one] as const))('the examples of %s can be called', (_name, old) => {
    for (const example of old.examples.filter((line) => line.startsWith(old.name))) {
      const argv = example.replace(/ >.*$/, '').split(' ').slice(1);
      expect(translate(old, argv), example).toMatchObject({ kind: 'run', warnings: [] });
    }
  });
});
