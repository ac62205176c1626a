import { flag, number } from '../option.js';
import {
  conf,
  dryRun,
  globalConf,
  interactive,
  json,
  newMasterHost,
  newMasterPort,
  secondsBehind,
  workdir,
} from './shared.js';

/** masterha_master_switch --master_state=alive. */
export const switchOptions = [
  conf,
  globalConf,
  newMasterHost,
  newMasterPort,
  interactive(1),
  flag(['orig_master_is_new_slave'], 'the old source becomes a replica of the new one; without it, it is left alone'),
  number(
    ['running_updates_limit'],
    'SECONDS',
    'refuse when a statement that may write has run for longer on the source [1]',
  ),
  number(['running_seconds_limit'], 'SECONDS', 'refuse when any statement has run that long on the new source [10]'),
  secondsBehind,
  flag(['skip_lock_all_tables'], 'stop writes with read_only alone, without the global read lock'),
  number(
    ['flush_tables'],
    '0|1|2',
    'flush tables on the source first: 0 never, 1 always, 2 ask, or do it where nothing is asked [2]',
  ),
  flag(
    ['remove_orig_master_conf', 'remove_dead_master_conf'],
    'after a clean switch, take the old source out of the configuration file, unless it becomes a replica',
  ),
  flag(['check_only'], 'stop after the checks'),
  workdir,
  dryRun,
  json,
];
