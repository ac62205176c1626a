import { flag, number, text } from '../option.js';

/** Options that several commands of MHA have. */
export const conf = text(['conf'], 'FILE', 'the cluster’s configuration file; required');
export const globalConf = text(
  ['global_conf'],
  'FILE',
  'defaults for all clusters [/etc/masterha_default.cnf]; a missing file is only warned of',
);
export const workdir = text(
  ['workdir', 'manager_workdir'],
  'DIR',
  'directory of status, flag files and runs, instead of manager_workdir',
);
export const logOutput = text(['log_output', 'manager_log'], 'FILE', 'log file, instead of manager_log');
export const secondsBehind = number(
  ['seconds_behind_master'],
  'SECONDS',
  'lag above which a replica is not healthy [30]',
);
export const skipSshCheck = flag(['skip_ssh_check', 'skip_check_ssh'], 'do not check SSH at the start');
export const newMasterHost = text(['new_master_host'], 'HOST', 'the server that becomes the source; it must be fit');
export const newMasterPort = number(['new_master_port'], 'PORT', 'its port [3306]');
export const dryRun = { ...flag(['dry_run'], 'print the plan with its SQL; touch nothing'), ours: true } as const;
export const json = { ...flag(['json'], 'the result as one JSON value'), ours: true } as const;

export function interactive(standard: 0 | 1): ReturnType<typeof number> {
  return number(['interactive'], '0|1', `ask before anything is done [${String(standard)}]`);
}
