import { better, dying, living, type Row, type Rows, type TestReference, unneeded, works } from './row.js';

const programs = 'cli/mha/programs.test.ts';
const hooks = 'integration/hooks.itest.ts';
const status = 'workdir/status.test.ts';
const codes = 'integration/status-codes.itest.ts';
const starting: TestReference = `${codes} › while a manager starts and watches: 1, 2, 10, 31, 0, 32`;
const deciding: TestReference = `${codes} › when a source dies, and when it comes back: 20, 21, 30, 0, 50, 3, 51`;
const sentence: TestReference = `${status} › of %i is MHA’s`;
const partly: Row = works(
  'integration/proof-relay.itest.ts › (h) go on without one that cannot be recovered, and say so',
);
const aborted: Row = better(
  'before the new source is open, everything is put back',
  `${programs} › masterha_manager --conf=app1.cnf --skip_ssh_check`,
  `${hooks} › put everything back when the address cannot be moved`,
);

/** By command and code. */
export const exitCodeRows: Readonly<Record<string, Rows>> = {
  masterha_manager: { 0: works(dying), 1: aborted, 10: partly },
  masterha_master_monitor: {
    0: unneeded('it never ends well: dead is 20, everything else 1', dying),
    1: works(dying, `${programs} › masterha_master_monitor --conf=app1.cnf --skip_ssh_check`),
    20: works(dying),
  },
  masterha_check_repl: {
    0: works(living),
    1: works(`${programs} › masterha_check_repl --conf=app1.cnf --skip_ssh_check`),
  },
  masterha_check_ssh: {
    0: better('0 when every login works, where MHA ends with 255', living),
    1: better('in place of 255', `${programs} › masterha_check_ssh --conf=app1.cnf --port=3`),
  },
  masterha_check_status: {
    0: works(dying, starting, sentence),
    1: works(
      starting,
      'cli/commands.test.ts › refuses to guess from a file that no manager wrote',
      `${programs} › masterha_check_status --app=nobody`,
    ),
    2: works(dying, starting, sentence, `${status} › a process that is gone`),
    3: better(
      'a script whose manager was killed is told by a mark in its environment',
      deciding,
      sentence,
      `${status} › tells of a script whose manager is gone, and leaves it alone`,
    ),
    10: works(starting, sentence),
    20: works(deciding, sentence, 'monitor/watch.test.ts › ends the inquiry by answering in time'),
    21: works(
      deciding,
      sentence,
      'monitor/watch.test.ts › is declared dead at once when its death is proven, whatever the interval',
    ),
    30: works(deciding, sentence),
    31: works(dying, starting, sentence),
    32: works(dying, starting, sentence),
    50: works(deciding, sentence, `${status} › an old failover`),
    51: works(dying, deciding, sentence),
  },
  masterha_stop: {
    0: works(dying, starting, `${programs} › masterha_stop --conf=app1.cnf`),
    1: works(deciding, `${status} › does not stop a failover without --abort, and kills one that ignores TERM with it`),
  },
  'masterha_master_switch --master_state=dead': {
    0: works(dying),
    1: {
      ...aborted,
      tests: [...aborted.tests, 'cli/mha/options.test.ts › --dead_master_port is 3306 where nothing is said'],
    },
    10: partly,
  },
  'masterha_master_switch --master_state=alive': {
    0: works(living),
    1: better(
      'rolled back: the old source takes writes again',
      living,
      'integration/switch-faults.itest.ts › leaves everything as it was (%s)',
    ),
    10: works(
      'integration/mha-commands.itest.ts › is no reason to refuse: the old source is left behind, and the exit code says so',
    ),
  },
  masterha_conf_host: {
    0: works(living),
    255: works(living, `${programs} › masterha_conf_host --conf=app1.cnf --command=frob`),
  },
  masterha_secondary_check: {
    0: works(living, `${programs} › masterha_secondary_check --master_host=127.0.0.1`),
    1: works('cli/mha/translate.test.ts › masterha_secondary_check -s a'),
    2: works(living),
    3: works(living),
  },
  purge_relay_logs: {
    0: works(living),
    1: works('failover/purge-relay-logs.test.ts › a failover holds the lock'),
  },
};
