import { type OldName, type Shape, shape } from './old-name.js';
import { flag, text } from './option.js';
import {
  confHostOptions,
  secondaryCheckOptions,
  statusOptions,
  statusUnused,
  stopOptions,
  stopUnused,
} from './tables/administering.js';
import { deadMasterOptions, failoverOptions } from './tables/failing-over.js';
import { checkReplHealth, checkReplOptions, checkReplUnused, monitorOptions } from './tables/monitoring.js';
import { conf, globalConf, interactive, json } from './tables/shared.js';
import { switchOptions } from './tables/switching.js';

const needsConf = { needs: ['conf'] };
const inGtidSync = { wait_until_gtid_in_sync: '--wait-until-gtid-in-sync=1' };
const checkOnly = flag(['check_only'], 'check, and watch nothing: as masterha_check_repl');
const monitorOnly = flag(['monitor_only'], 'watch, and do not fail over: as masterha_master_monitor');

const checking = shape(['check-repl'], checkReplOptions, { ...needsConf, unused: checkReplUnused });
const monitoring = (standard: 0 | 1): Shape =>
  shape(['monitor'], [...monitorOptions, interactive(standard)], {
    ...needsConf,
    unused: [checkReplHealth],
    standard: { interactive: `--interactive=${String(standard)}` },
    exits: [0, 1, 20],
  });
const managing = shape(['manager'], [...monitorOptions, interactive(0), ...failoverOptions], {
  ...needsConf,
  unused: [checkReplHealth],
  standard: inGtidSync,
  exits: [0, 1, 10],
});
const failingOver = shape(['failover', '--ask-as-mha'], deadMasterOptions, {
  needs: ['conf', 'dead_master_host'],
  standard: { ...inGtidSync, dead_master_port: '--dead-master-port=3306' },
  exits: [0, 1, 10],
});
const switching = shape(['switch', '--ask-as-mha'], switchOptions, {
  ...needsConf,
  standard: {
    orig_master_is_new_slave: '--no-orig-master-is-new-slave',
    running_updates_limit: '--running-updates-limit=1',
    running_seconds_limit: '--running-seconds-limit=10',
    flush_tables: '--flush-tables=2',
  },
  strict: true,
  exits: [0, 1, 10],
});
const statusCodes = [0, 1, 2, 3, 10, 20, 21, 30, 31, 32, 50, 51];
const askingStatus = shape(['status'], statusOptions, { unused: statusUnused, exits: statusCodes });
const stopping = shape(['stop'], stopOptions, { unused: stopUnused });
const checkingSsh = shape(['check-ssh'], [conf, globalConf, json], needsConf);
const editing = shape(['conf-host'], confHostOptions, {
  needs: ['command', 'conf'],
  strict: true,
  exits: [0],
  failure: 255,
});
const asking = shape(['secondary-check'], secondaryCheckOptions, {
  needs: ['master_host'],
  strict: true,
  exits: [0, 1, 2, 3],
});

type Told = Pick<OldName, 'name' | 'says' | 'examples'>;

function plain(told: Told, only: Shape): OldName {
  return { ...told, selectors: [], shapes: [only], choose: () => only };
}

/** MHA's commands; each is one of ours. */
export const oldNames: readonly OldName[] = [
  {
    name: 'masterha_manager',
    says: 'Watch the source; when it dies, fail over once and end.',
    examples: [
      'masterha_manager --conf=/etc/masterha/app1.cnf',
      'nohup masterha_manager --conf=/etc/masterha/app1.cnf --ignore_last_failover > /var/log/masterha/app1.log 2>&1 &',
      'masterha_manager --conf=/etc/masterha/app1.cnf --remove_dead_master_conf --last_failover_minute=60',
    ],
    selectors: [checkOnly, monitorOnly],
    shapes: [managing],
    choose: (given) => (given.has('check_only') ? checking : given.has('monitor_only') ? monitoring(0) : managing),
  },
  plain(
    {
      name: 'masterha_master_monitor',
      says: 'Watch the source and end when it is dead (20), without a failover.',
      examples: ['masterha_master_monitor --conf=/etc/masterha/app1.cnf --interactive=0'],
    },
    monitoring(1),
  ),
  plain(
    {
      name: 'masterha_check_repl',
      says: 'Check whether a failover would work now.',
      examples: [
        'masterha_check_repl --conf=/etc/masterha/app1.cnf',
        'masterha_check_repl --conf=/etc/masterha/app1.cnf --seconds_behind_master=60',
      ],
    },
    checking,
  ),
  plain(
    {
      name: 'masterha_check_ssh',
      says: 'Check that every host can be reached over SSH.',
      examples: ['masterha_check_ssh --conf=/etc/masterha/app1.cnf'],
    },
    checkingSsh,
  ),
  plain(
    {
      name: 'masterha_check_status',
      says: 'Tell what the manager does, in a sentence and as the exit code.',
      examples: [
        'masterha_check_status --conf=/etc/masterha/app1.cnf',
        'masterha_check_status --app=app1 --status_dir=/var/log/masterha/app1 --ping_limit=20',
        'masterha_check_status --all --basedir=/var/log/masterha',
      ],
    },
    askingStatus,
  ),
  plain(
    {
      name: 'masterha_stop',
      says: 'End the manager.',
      examples: [
        'masterha_stop --conf=/etc/masterha/app1.cnf',
        'masterha_stop --conf=/etc/masterha/app1.cnf --abort --abort_timeout=10',
      ],
    },
    stopping,
  ),
  {
    name: 'masterha_master_switch',
    says: 'Move the source role: away from a dead source, or from a living one.',
    examples: [
      'masterha_master_switch --master_state=dead --conf=/etc/masterha/app1.cnf --dead_master_host=db1',
      'masterha_master_switch --master_state=dead --conf=/etc/masterha/app1.cnf --dead_master_host=db1 --interactive=0',
      'masterha_master_switch --master_state=alive --conf=/etc/masterha/app1.cnf --new_master_host=db2 --orig_master_is_new_slave',
    ],
    selectors: [text(['master_state'], 'dead|alive', 'whether the present source is dead; required')],
    shapes: [failingOver, switching],
    choose: (given) => {
      const state = given.get('master_state');
      return state === 'dead' ? failingOver : state === 'alive' ? switching : undefined;
    },
  },
  plain(
    {
      name: 'masterha_conf_host',
      says: 'Add a server to the configuration file, or take one out; comments and order stay.',
      examples: [
        'masterha_conf_host --command=add --conf=/etc/masterha/app1.cnf --hostname=db5 --params="candidate_master=1"',
        'masterha_conf_host --command=delete --conf=/etc/masterha/app1.cnf --block=server5',
      ],
    },
    editing,
  ),
  plain(
    {
      name: 'masterha_secondary_check',
      says: 'Look at the source from other hosts; 0 says that none of them reaches it.',
      examples: [
        'secondary_check_script = masterha_secondary_check -s remote1 -s remote2',
        'masterha_secondary_check -s remote1 -s remote2 --user=mha --master_host=db1 --master_port=3306',
      ],
    },
    asking,
  ),
];
