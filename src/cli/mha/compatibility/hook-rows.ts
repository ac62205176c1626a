import { better, type Rows, type TestReference, works } from './row.js';

const live = 'integration/hooks.itest.ts';
const inOrder: TestReference = `${live} › are called in MHA’s order with MHA’s arguments (%s)`;
const args = 'hooks/arguments.test.ts';

/** Every call of every script, by script and `--command`. */
export const hookCallRows: Rows = {
  'master_ip_failover_script --command=status': works(
    inOrder,
    `${args} › ip status`,
    `${args} › ip status with everything`,
  ),
  'master_ip_failover_script --command=stopssh': works(
    inOrder,
    `${args} › ip stopssh`,
    `${args} › ip stopssh with everything`,
  ),
  'master_ip_failover_script --command=stop': works(
    `${live} › 0: the power is off, and the replicas are levelled from what they hold`,
    `${args} › ip stop`,
    `${args} › ip stop with everything`,
  ),
  'master_ip_failover_script --command=start': works(
    inOrder,
    `${args} › ip start`,
    `${args} › ip start between hosts with SSH elsewhere`,
  ),
  'master_ip_online_change_script --command=stop': works(
    `${live} › goes on when it answers 10`,
    `${args} › online change`,
  ),
  'master_ip_online_change_script --command=start': better(
    'called once more, with the old source as the new one, when a switch is rolled back',
    `${args} › online change, start, the old source leaves`,
    `${live} › %s that fails is followed by a start with the old source as the new one`,
  ),
  'shutdown_script --command=status': works(
    inOrder,
    `${args} › shutdown status`,
    `${args} › shutdown status with everything`,
  ),
  'shutdown_script --command=stopssh': better(
    'called when what only the dead disk holds is fetched',
    inOrder,
    `${args} › shutdown stopssh with everything`,
    `${live} › finds the tail of a dead server fetched already`,
  ),
  'shutdown_script --command=stop': works(
    `${live} › 10: the server is stopped and SSH works again, so that its disk is read`,
    `${args} › shutdown stop`,
    `${args} › shutdown stop with everything`,
  ),
  report_script: better(
    'subject and body are arguments and never shell text; called after every failover, waits having limits',
    inOrder,
    `${args} › report`,
    `${args} › report without a new source`,
    `${live} › %s %s that fails ends the failover`,
    'report/failover-report.test.ts › has the form that mail filters of MHA look for',
  ),
  secondary_check_script: better(
    'the password is masked in the log',
    `${live} › a second opinion that objects is asked again until it permits`,
    `${args} › secondary check`,
    `${args} › secondary check with ssh_options, and without the SSH port, which MHA does not pass`,
  ),
  init_conf_load_script: works(
    "config/init-script.test.ts › replaces the application's defaults, and a server's own value stays",
  ),
};

/** What an answer means, by call. */
export const hookExitRows: Rows = {
  'any call: 0': works(inOrder, 'hooks/run-hook.test.ts › reads exit code %i as %s'),
  'status: 10': works(
    `${live} › keep the manager from starting when %s is not ready`,
    'failover/preflight/preflight.test.ts › refuse when one is not ready (%s), with its last words',
  ),
  'status: any other': works(
    'failover/preflight/preflight.test.ts › refuse when one is not ready (%s), with its last words',
  ),
  'master_ip_failover_script stop, stopssh, start: 10': works(`${live} › only warn when they answer 10`),
  'master_ip_failover_script stop, stopssh: any other': works(`${live} › %s %s that fails ends the failover`),
  'master_ip_failover_script start: any other': better(
    'everything is put back',
    `${live} › put everything back when the address cannot be moved`,
  ),
  'master_ip_online_change_script stop, start: 10': works(`${live} › goes on when it answers 10`),
  'master_ip_online_change_script stop, start: any other': better(
    'the switch is rolled back',
    `${live} › %s that fails is followed by a start with the old source as the new one`,
  ),
  'shutdown_script stop, stopssh: 0': better(
    'not believed while the source still takes connections',
    `${live} › 0: the power is off, and the replicas are levelled from what they hold`,
    `${live} › 0 is not believed while the source still takes connections`,
  ),
  'shutdown_script stop, stopssh: 10': better(
    'the newest file is looked at again',
    `${live} › 10: the server is stopped and SSH works again, so that its disk is read`,
  ),
  'shutdown_script stop, stopssh: any other': works(
    `${live} › 1: nothing is promoted, and the source goes on when it wakes`,
    `${live} › %s %s that fails ends the failover`,
  ),
  'report_script: any other': works(`${live} › a report_script that fails is only said`),
  'secondary_check_script: 0': works(
    `${live} › a second opinion that objects is asked again until it permits`,
    `${args} › true`,
  ),
  'secondary_check_script: 2, 3, any other': works(
    `${live} › a second opinion that objects is asked again until it permits`,
    `${args} › exit 3; :`,
    `${args} › exit 10; :`,
  ),
  'init_conf_load_script: any other': better(
    'what it printed counts, and that it failed is said',
    'config/init-script.test.ts › takes what a failing script printed, and says that it failed',
  ),
  'death by a signal': works('hooks/run-hook.test.ts › counts death by a signal as failure'),
  'no answer': better(
    'ended with its process group at `hook_timeout_seconds`, and counted as failed',
    `${live} › one that does not end is ended at its deadline, and the failover with it`,
    'hooks/run-hook.test.ts › ends the whole process group at the deadline',
  ),
};
