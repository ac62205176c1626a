import { conf, globalConf, newMasterHost, newMasterPort, workdir } from './common-rows.js';
import { better, dying, living, type Rows, unneeded, works } from './row.js';
import { failover } from './watching-rows.js';

const masterState: Rows = {
  master_state: works(living, dying, 'cli/mha/translate.test.ts › masterha_master_switch --conf=c --master_state=ill'),
};

export const deadRows: Rows = {
  ...masterState,
  conf,
  global_conf: globalConf,
  dead_master_host: works(dying, 'cli/mha/translate.test.ts › masterha_master_switch --conf=c --master_state=dead'),
  dead_master_ip: works('cli/mha/options.test.ts › --dead_master_ip is compared with the configuration'),
  dead_master_port: works(
    'cli/mha/options.test.ts › --dead_master_port says which server of a host is dead',
    'cli/mha/options.test.ts › --dead_master_port is 3306 where nothing is said',
  ),
  ssh_reachable: unneeded(
    'the host is tried in any case, so that a wrong word loses nothing',
    'cli/mha/options.test.ts › --dead_master_ip and --ssh_reachable keep nobody from going on when they are right',
  ),
  interactive: works(dying, 'cli/questions.test.ts › the new source: %s'),
  workdir,
  log_output: works('cli/manager-log.test.ts › is that of a failover by hand, where nobody is asked'),
  ...failover,
};

export const aliveRows: Rows = {
  ...masterState,
  conf,
  global_conf: globalConf,
  new_master_host: better('the present source is refused', living, ...newMasterHost.tests),
  new_master_port: newMasterPort,
  interactive: works(living, 'cli/questions.test.ts › a switch without a script'),
  orig_master_is_new_slave: better(
    'stays read-only, and follows with the options that the new source had',
    living,
    'integration/mha-commands.itest.ts › is no reason to refuse: the old source is left behind, and the exit code says so',
  ),
  running_updates_limit: works(living, 'failover/long-statements.test.ts › an update beyond it'),
  running_seconds_limit: works('failover/long-statements.test.ts › a select at the limit'),
  seconds_behind_master: works(
    'failover/preflight/preflight.test.ts › lag before a switch',
    'failover/preflight/preflight.test.ts › a stopped applier before a switch',
  ),
  skip_lock_all_tables: works(living, 'failover/steps/stop-writes.test.ts › --skip_lock_all_tables: no lock'),
  flush_tables: better(
    'left out where super_read_only makes the lock needless',
    'failover/steps/stop-writes.test.ts › --flush_tables=0: no flush',
    'failover/steps/stop-writes.test.ts › super_read_only holds privileged accounts too: neither is needed',
    'cli/questions.test.ts › tables are flushed unless somebody says no (%j)',
  ),
  remove_orig_master_conf: better(
    'comments and the order of the blocks stay',
    living,
    'config/edit-conf.test.ts › is taken out with its lines; comments of others stay',
  ),
  check_only: better('takes no lock and flushes nothing', living),
  workdir,
};
