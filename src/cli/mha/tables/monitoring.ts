import { flag, number } from '../option.js';
import { conf, globalConf, json, logOutput, secondsBehind, skipSshCheck, workdir } from './shared.js';

const waitOnMonitorError = number(
  ['wait_on_monitor_error'],
  'SECONDS',
  'how long an error of the monitor is shown as status 31 before the end, and 30 before a source that is back is watched again [0]',
);
const ignoreFailOnStart = flag(
  ['ignore_fail_on_start'],
  'start although a server with ignore_fail=1 is dead or its replication is broken',
);
export const checkReplHealth = flag(['check_repl_health'], 'accepted; masterha_check_repl always looks at it');

/** What the monitor half of masterha_manager takes, and masterha_master_monitor. */
export const monitorOptions = [
  conf,
  globalConf,
  workdir,
  logOutput,
  waitOnMonitorError,
  ignoreFailOnStart,
  skipSshCheck,
  secondsBehind,
  json,
];

export const checkReplOptions = [conf, globalConf, secondsBehind, workdir, skipSshCheck, ignoreFailOnStart, json];

/** Options of MHA that mean nothing for a check: it holds no status and writes no log file. */
export const checkReplUnused = [waitOnMonitorError, logOutput, checkReplHealth];
