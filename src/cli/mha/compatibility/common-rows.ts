import { better, type Row, type Rows, unneeded, works } from './row.js';

/** Habits and options that several commands of MHA share. */
export const habits: Rows = {
  'spelling: `--opt=value`, `--opt value`, one dash, any case, the shortest unique beginning, the last one wins': works(
    'cli/mha/getopt.test.ts › reads the same from any command line',
    'cli/mha/getopt.test.ts › means the same however an option is spelt',
  ),
  'an unknown option where MHA ignores it': better(
    'ignored, and said, with the nearest name, in manager_log too',
    'cli/mha/translate.test.ts › %s warns of what MHA ignores, names the nearest, and shows no value',
    'cli/manager-log.test.ts › has what was said before it was known, and the error that ends the manager',
  ),
  'an unknown option where MHA refuses it': works(
    'cli/mha/translate.test.ts › masterha_master_switch --conf=c --master_state=alive --foo=1',
    'cli/mha/translate.test.ts › masterha_secondary_check -s a --master_host=db1 --colour',
  ),
  '`--help`': works('cli/mha/translate.test.ts › %s tells both before anything else'),
  '`--version`': works('cli/mha/programs.test.ts › %s tells its version as MHA does'),
};

export const conf: Row = works('cli/mha/programs.test.ts › masterha_check_repl --conf=nowhere.cnf');

export const globalConf: Row = works(
  'config/load-configuration.test.ts › goes from the global file over the application to the server',
  'cli/mha/programs.test.ts › masterha_check_status --conf=app1.cnf --global_conf=nowhere',
);

export const workdir: Row = works('cli/mha/options.test.ts › --workdir of %s replaces manager_workdir');

export const skipSshCheck: Row = works(
  'cli/mha/options.test.ts › --skip_ssh_check and skip_init_ssh_check ask no host over SSH',
);

export const ignoreFailOnStart: Row = better(
  'counts for a replica whose applier ended with an error as well',
  'failover/preflight/preflight.test.ts › a dead replica that may fail, at a start that is told so',
  'failover/preflight/preflight.test.ts › a broken applier that may fail',
);

export const newMasterHost: Row = better(
  'may name one that is newer than its replicas; a name that means several is refused before anything is done',
  'failover/election.test.ts › the operator’s choice wins over everything that is only a preference',
  'failover/election.test.ts › the operator’s choice must still be fit',
  'failover/preflight/preflight.test.ts › is refused, unless the operator names one that is fit but newer',
);

export const newMasterPort: Row = works(
  'cli/mha/options.test.ts › --new_master_port says which server of a host is to lead',
);

/** Options of MHA that a command takes and that change nothing. */
export function silent(why: string): Row {
  return unneeded(why, 'cli/mha/translate.test.ts › %s takes --%s in silence, and it changes nothing');
}

export const checkReplHealth: Row = silent('`masterha_check_repl` always looks at it');
