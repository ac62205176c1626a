import { better, type Row, type Rows, type TestReference, unneeded, works } from './row.js';

const load = 'config/load-configuration.test.ts';
const candidates: TestReference =
  'integration/candidates.itest.ts › is a matter of candidate_master, no_master, latest_priority, check_repl_delay and the order of the file';
const election = 'failover/election.test.ts';
const hooks = 'integration/hooks.itest.ts';
const ownSsh: Row = better(
  'each server has its own, where MHA has one for all hosts',
  `${load} › keeps how each host is logged in to apart`,
);
const noAgents = (why: string): Row =>
  unneeded(why, 'cli/doctor/diagnose.test.ts › is every parameter that has nothing left to control, with its place');

/** MHA's 42 parameters. */
export const parameterRows: Rows = {
  hostname: works(`${load} › a server without a name`, 'config/find-server.test.ts › its hostname'),
  ip: works(`${load} › takes ip before the name, and asks nobody then`),
  port: works(`${load} › goes from the global file over the application to the server`),
  node_label: better(
    'names the server on the command line as well',
    'report/tree.test.ts › shows the source, its replicas below, and what is wrong with them',
    'config/find-server.test.ts › its label',
  ),
  ssh_host: works(`${load} › resolves ssh_host by itself, and takes ssh_ip as written`),
  ssh_ip: better('the written value counts', `${load} › resolves ssh_host by itself, and takes ssh_ip as written`),
  ssh_port: works(`${load} › keeps how each host is logged in to apart`),
  ssh_user: works(`${load} › keeps how each host is logged in to apart`),
  ssh_connection_timeout: ownSsh,
  ssh_options: {
    ...ownSsh,
    tests: [...ownSsh.tests, 'ssh/options.test.ts › names what has no effect here, as written'],
  },
  user: better(
    'a few named rights are enough',
    `${load} › goes from the global file over the application to the server`,
    'integration/doctor.itest.ts › names rights on %s that are enough to switch and to fail over',
  ),
  password: better(
    'in no log and no list of processes, but for the arguments of hooks',
    `${load} › never shows the text of a secret`,
    `${hooks} › are called in MHA’s order with MHA’s arguments (%s)`,
  ),
  repl_user: works('failover/steps/repoint.test.ts › is the account that the new source’s block names'),
  repl_password: works(
    'failover/steps/repoint.test.ts › is the account that the new source’s block names',
    'failover/steps/repoint.test.ts › is no account where the file names none: it keeps the one that it has stored',
  ),
  disable_log_bin: noAgents('the replica’s own applier executes the rescued events'),
  handle_raw_binlog: noAgents('events are bytes always'),
  client_bindir: noAgents('no program is called on the hosts'),
  client_libdir: noAgents('no program is called on the hosts'),
  master_pid_file: works(
    'hooks/arguments.test.ts › shutdown stopssh with everything',
    `${hooks} › are called in MHA’s order with MHA’s arguments (%s)`,
  ),
  master_binlog_dir: better(
    'asked for only where the server was never asked',
    'integration/no-tunnel.itest.ts › %s finds its binary logs through master_binlog_dir (%s)',
  ),
  remote_workdir: better(
    'no copies of logs are put there, only links to relay logs and the script of the guard',
    'failover/steps/relay-logs.test.ts › what a host keeps for a while is in its remote_workdir: links to relay logs, and the files of the guard',
  ),
  manager_workdir: works(
    'cli/mha/options.test.ts › --workdir of %s replaces manager_workdir',
    'workdir/runs.test.ts › refuses a directory that is none',
  ),
  manager_log: works(
    'cli/manager-log.test.ts › has what was said before it was known, and the error that ends the manager',
    'cli/manager-log.test.ts › that cannot be written is said, and stops nobody',
  ),
  log_level: works(
    'cli/render-notes.test.ts › log_level=warning',
    `${load} › takes log_level and check_repl_filter from the first server`,
  ),
  candidate_master: works(
    candidates,
    `${election} › a candidate in the same file wins over the newest`,
    `${election} › of two candidates that are both behind, the first of the file leads, not the newer one`,
    `${load} › passes over keys that only count in a server block, and says so`,
  ),
  no_master: works(
    candidates,
    `${election} › no_master never becomes the source`,
    `${election} › no_master wins over candidate_master of the same server`,
  ),
  ignore_fail: better(
    'counts for an applier that ended with an error as well',
    'failover/preflight/preflight.test.ts › a dead replica that may fail, in a failover',
    'failover/preflight/preflight.test.ts › a dead replica that may fail, at a start',
    'failover/preflight/preflight.test.ts › a broken applier that may fail',
  ),
  skip_init_ssh_check: works(
    'cli/mha/options.test.ts › --skip_ssh_check and skip_init_ssh_check ask no host over SSH',
    'failover/preflight/preflight.test.ts › hosts that SSH is not asked for',
  ),
  skip_reset_slave: works('failover/steps/repoint.test.ts › %s: has its replication settings left alone: %s'),
  check_repl_delay: better(
    'what was received counts, after draining; a far one still leads where no other is fit',
    candidates,
    `${election} › a candidate that has only received an older file is out`,
    `${election} › exactly 100,000,000 bytes behind is not too far`,
    `${election} › check_repl_delay=0 lets a candidate lead however far it is behind`,
  ),
  check_repl_filter: works(
    'integration/candidates.itest.ts › in a switch as well; filters that differ are refused, and marks of an earlier failover are minded',
    'failover/preflight/preflight.test.ts › unequal filters',
    'failover/preflight/preflight.test.ts › unequal filters where nobody minds',
  ),
  latest_priority: works(
    candidates,
    `${election} › latest_priority=0 takes the first candidate of the file`,
    `${election} › where blocks differ in latest_priority, that of the newest counts`,
  ),
  multi_tier_slave: better(
    'a dead intermediate server is not taken for a second source',
    'integration/topologies.itest.ts › when the primary dies, %s leads, and the leaf never notices',
    'integration/topologies.itest.ts › are switched without the leaf, and a dead intermediate server is no reason for a failover',
    'failover/preflight/topology.test.ts › leave a replica of a replica alone when it may be one',
    'failover/preflight/preflight.test.ts › a replica of a replica',
  ),
  use_gtid_auto_pos: better(
    'left out, each replica keeps the way it follows by; MariaDB’s GTIDs count too',
    'failover/mode-to-follow.test.ts › as before, when the file says nothing (%s)',
    'failover/mode-to-follow.test.ts › by position on demand (%s)',
    'integration/repoint-options.itest.ts › but the mode that use_gtid_auto_pos asks for (%s)',
  ),
  ping_interval: better(
    'a broken connection is noticed at once and waits for no ping',
    'monitor/watch.test.ts › is checked in the rhythm of the interval, and each good check refreshes the status',
    'monitor/watch.test.ts › is declared dead at once when its death is proven, whatever the interval',
  ),
  ping_type: better(
    'a check that hangs is a miss with each of them',
    'integration/mysql.itest.ts › %s: fine on a healthy server',
    'monitor/watch.test.ts › also when it still lets us in, but answers no check',
    `${load} › an unknown ping type`,
  ),
  secondary_check_script: works(
    `${hooks} › a second opinion that objects is asked again until it permits`,
    'hooks/arguments.test.ts › is absent when no script is configured',
  ),
  master_ip_failover_script: works(`${hooks} › are called in MHA’s order with MHA’s arguments (%s)`),
  master_ip_online_change_script: works(`${hooks} › goes on when it answers 10`),
  shutdown_script: better(
    'called when the tail of the dead disk is safe; an empty value switches it off to everybody',
    `${hooks} › finds the tail of a dead server fetched already`,
    `${load} › lets an empty value switch an inherited hook off`,
  ),
  report_script: works(`${hooks} › are called in MHA’s order with MHA’s arguments (%s)`),
  init_conf_load_script: better(
    'a value is kept whole behind its second `=`; bounded in time and output, and never logged',
    "config/init-script.test.ts › replaces the application's defaults, and a server's own value stays",
    'config/init-script.test.ts › is ended, with what it started, at its deadline',
  ),
};

/** What else a configuration file of MHA may have. */
export const fileRows: Rows = {
  '`[server default]`, the global file, inheritance': works(
    `${load} › goes from the global file over the application to the server`,
    `${load} › reads only the defaults of the global file`,
  ),
  '`[serverN]`, order of the blocks': works(
    `${load} › follows the number in the names when all have one`,
    `${load} › follows the names otherwise`,
  ),
  '`[binlogN]`': better(
    'read without GTID too, behind what the disk of the source gives',
    'integration/binlog-server.itest.ts › gives what only it holds when the source and its host are gone',
    'integration/binlog-server.itest.ts › is not asked for what the disk of the source has, which has more',
    `${load} › keeps binlog servers apart`,
    'failover/preflight/preflight.test.ts › names a binlog server that SSH cannot reach (%s: %s)',
    'failover/preflight/preflight.test.ts › names a binlog server whose copies cannot be read (%s: %s, %j)',
    'cli/binlog-servers.test.ts › stop it when none of them can be reached',
  ),
  'comments, quotes, `=` in values, repeated blocks and keys': better(
    'quotes are stripped once only',
    `${load} › keeps what the format keeps, where ini would not`,
    `${load} › removes quotes once`,
    `${load} › merges repeated blocks and takes the last of repeated keys, with its line`,
  ),
  'an unknown parameter or block': better(
    'refused with file, line and the nearest name, all of them at once',
    `${load} › an unknown key`,
    `${load} › a strange block`,
  ),
  'the file, read again before acting': works(
    'integration/reread.itest.ts › fails over as the file says when the source dies',
    'cli/reread-parts.test.ts › counts as it was when it is broken now, and that is said',
  ),
};
