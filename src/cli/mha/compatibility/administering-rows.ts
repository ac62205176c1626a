import { conf, globalConf, silent } from './common-rows.js';
import { better, dying, living, type Rows, unneeded, works } from './row.js';

const place: Rows = {
  conf,
  global_conf: globalConf,
  app: works(
    'cli/commands.test.ts › reads no configuration when name and directory are given',
    'cli/manager-place.test.ts › is where MHA’s folder of configurations says, for a name alone',
  ),
  status_dir: works('cli/mha/programs.test.ts › masterha_check_status --app=a1 --workdir=work'),
  log_output: works('cli/manager-place.test.ts › is where name and directory say, with the log that is named beside'),
  all: works('cli/manager-place.test.ts › is known by its name, by its file'),
  basedir: works('cli/manager-place.test.ts › is known by its name, by a folder for all'),
  baselog: works('cli/manager-place.test.ts › is known by its name, by a folder for all'),
};

export const statusRows: Rows = {
  ...place,
  ping_limit: works(dying, 'workdir/status.test.ts › a good status that was not refreshed'),
  abort: silent('only `masterha_stop` ends somebody'),
  abort_timeout: silent('only `masterha_stop` ends somebody'),
};

export const stopRows: Rows = {
  ...place,
  abort: works(
    'integration/status-codes.itest.ts › when a source dies, and when it comes back: 20, 21, 30, 0, 50, 3, 51',
    'workdir/status.test.ts › kills with the manager the script that it runs, in a process group of its own',
    'workdir/status.test.ts › does not stop a failover without --abort, and kills one that ignores TERM with it',
  ),
  abort_timeout: works(
    dying,
    'workdir/status.test.ts › does not stop a failover without --abort, and kills one that ignores TERM with it',
  ),
  ping_limit: silent('only `masterha_check_status` judges how old a status is'),
};

export const confHostRows: Rows = {
  command: works(living, 'config/edit-conf.test.ts › is added at the end, and everything else stays'),
  conf: better(
    'the file keeps comments, order, owner and mode, and is replaced whole',
    'config/edit-conf.test.ts › keeps mode, owner and a link, and leaves nothing beside the file',
  ),
  block: works('config/edit-conf.test.ts › %s, %s: named as MHA does'),
  hostname: works(living, 'cli/mha/programs.test.ts › masterha_conf_host --conf=app1.cnf --command=add --block=9'),
  params: works(living, 'config/edit-conf.test.ts › an unknown key'),
};

export const secondaryCheckRows: Rows = {
  secondary_host: better('all hosts look at once', living),
  user: works(living),
  port: works(
    'cli/mha/programs.test.ts › masterha_secondary_check --master_host=127.0.0.1 -s=127.0.0.1 --port=1 --timeout=2',
  ),
  options: works(living),
  master_host: works(living),
  master_ip: better('tried beside the name, so that no name has to resolve on that host', living),
  master_port: works(living),
  master_user: works(living),
  master_password: better('shown to nobody but the database', living),
  ping_type: better('INSERT needs no client program on that host', living),
  timeout: works(living),
};

const fromConfiguration = (): Rows[string] =>
  unneeded(
    '`mha-ts purge-relay-logs --conf FILE` knows it from the configuration, and it is in no list of processes',
    living,
  );
const overSql = (): Rows[string] => unneeded('everything is done over SQL, from the manager’s machine', living);

export const purgeRows: Rows = {
  user: fromConfiguration(),
  password: fromConfiguration(),
  host: better('all replicas of the configuration, or those that `--server` names', living),
  port: fromConfiguration(),
  socket: overSql(),
  defaults_file: overSql(),
  workdir: overSql(),
  relay_log_info: overSql(),
  disable_relay_log_purge: works(
    'failover/purge-relay-logs.test.ts › leaves a server alone that purges itself, unless that is to be turned off',
  ),
  use_hardlink: unneeded(
    'the lock keeps failovers away, and the wait for the applier has a limit',
    'failover/purge-relay-logs.test.ts › is on for a moment, under the lock that keeps failovers away',
  ),
};

const leftBehind = (why: string): Rows[string] =>
  unneeded(why, 'cli/doctor/diagnose.test.ts › is the node package, and purging on each host');

export const nodeRows: Rows = {
  save_binary_logs: leftBehind('the manager reads the bytes over SSH'),
  apply_diff_relay_logs: leftBehind('the replica’s own threads take and apply what is missing'),
  filter_mysqlbinlog: leftBehind('nothing is turned into text'),
};
