import {
  checkReplHealth,
  conf,
  globalConf,
  ignoreFailOnStart,
  newMasterHost,
  newMasterPort,
  silent,
  skipSshCheck,
  workdir,
} from './common-rows.js';
import { better, dying, living, type Rows, works } from './row.js';

const monitor: Rows = {
  conf,
  global_conf: globalConf,
  workdir,
  log_output: works('cli/manager-log.test.ts › is appended to, and is another file where --log_output says so'),
  wait_on_monitor_error: works(
    dying,
    'integration/status-codes.itest.ts › when a source dies, and when it comes back: 20, 21, 30, 0, 50, 3, 51',
    'cli/hold-status.test.ts › is shown before its error goes on',
  ),
  ignore_fail_on_start: ignoreFailOnStart,
  skip_ssh_check: skipSshCheck,
  seconds_behind_master: works('failover/preflight/preflight.test.ts › lag while monitoring'),
  interactive: works(dying, 'cli/questions.test.ts › a source that is dead at the start'),
  check_repl_health: checkReplHealth,
};

/** Of a failover, by the manager and by hand. */
export const failover: Rows = {
  new_master_host: newMasterHost,
  new_master_port: newMasterPort,
  last_failover_minute: works(
    'integration/candidates.itest.ts › in a switch as well; filters that differ are refused, and marks of an earlier failover are minded',
    'cli/last-failover.test.ts › the last one was recent',
    'cli/last-failover.test.ts › the limit is shorter',
  ),
  ignore_last_failover: works(
    'integration/candidates.itest.ts › in a switch as well; filters that differ are refused, and marks of an earlier failover are minded',
    'cli/last-failover.test.ts › it was recent and that is to be ignored',
    'cli/last-failover.test.ts › it failed and that is to be ignored',
  ),
  wait_on_failover_error: works(dying, 'cli/hold-status.test.ts › is shown for a while: exit %i'),
  remove_dead_master_conf: better(
    'comments and the order of the blocks stay',
    dying,
    'config/edit-conf.test.ts › is taken out with its lines; comments of others stay',
  ),
  skip_save_master_binlog: better(
    'needed with GTID too, since the tail is rescued there as well',
    'integration/proof-tail.itest.ts › (a, control) is lost with the rescue switched off',
  ),
  skip_change_master: better(
    'counts with GTID too',
    dying,
    'failover/recovery-plan.test.ts › nobody is repointed; the others are levelled',
  ),
  skip_disable_read_only: works(
    dying,
    'failover/recovery-plan.test.ts › the new source stays closed, and is promoted all the same',
  ),
  wait_until_gtid_in_sync: better(
    'the wait ends when nothing moves any more',
    'failover/steps/catch-up-by-gtid.test.ts › is recovered when it has what the new source had',
    'failover/recovery-plan.test.ts › is left out, and is not needed for one that is level before',
  ),
  ignore_binlog_server_error: works(
    'cli/binlog-servers.test.ts › stop it when none of them can be reached',
    'cli/binlog-servers.test.ts › none is there, and that is to be ignored',
  ),
};

export const managerRows: Rows = {
  ...monitor,
  ...failover,
  check_only: works('cli/mha/translate.test.ts › masterha_manager --conf=c --check_only --last_failover_minute=1'),
  monitor_only: works('cli/mha/translate.test.ts › masterha_manager --conf=c --monitor_only'),
};

export const monitorRows: Rows = monitor;

export const checkReplRows: Rows = {
  conf,
  global_conf: globalConf,
  seconds_behind_master: works(
    'failover/preflight/preflight.test.ts › lag above what the command line allows',
    'failover/preflight/preflight.test.ts › a lag that the command line allows',
  ),
  workdir: silentWorkdir(),
  skip_ssh_check: skipSshCheck,
  ignore_fail_on_start: ignoreFailOnStart,
  wait_on_monitor_error: silent('a check holds no status'),
  log_output: {
    ...silent('the log of a check always goes to the screen'),
    tests: ['cli/manager-log.test.ts › is left alone by a check'],
  },
  check_repl_health: checkReplHealth,
};

function silentWorkdir(): Rows[string] {
  return {
    ...silent('a check writes nothing there'),
    tests: ['cli/mha/translate.test.ts › masterha_check_repl %s is %s'],
  };
}

export const checkSshRows: Rows = {
  conf,
  global_conf: better('only the way from the manager to each host is needed, and tried', living, ...globalConf.tests),
};
