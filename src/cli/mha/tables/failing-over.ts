import { flag, number, text } from '../option.js';
import {
  conf,
  dryRun,
  globalConf,
  interactive,
  json,
  logOutput,
  newMasterHost,
  newMasterPort,
  workdir,
} from './shared.js';

/** The options of a failover, by the manager and by hand. */
export const failoverOptions = [
  newMasterHost,
  newMasterPort,
  number(['last_failover_minute'], 'MINUTES', 'refuse a failover this soon after the last one [480]'),
  flag(['ignore_last_failover'], 'fail over although the last one failed or was recent'),
  number(['wait_on_failover_error'], 'SECONDS', 'how long a failed failover is shown as status 51 before the end [0]'),
  flag(
    ['remove_dead_master_conf', 'remove_orig_master_conf'],
    'after a clean failover, take the dead server out of the configuration file',
  ),
  flag(['skip_save_master_binlog'], 'do not rescue what only the dead machine holds'),
  flag(['skip_change_master'], 'bring the replicas level, but do not point them to the new source'),
  flag(['skip_disable_read_only'], 'leave the new source read-only'),
  number(
    ['wait_until_gtid_in_sync'],
    '0|1',
    'count a replica as recovered only when it has what the new source has [1]',
  ),
  flag(['ignore_binlog_server_error'], 'go on although no [binlogN] host can be reached'),
];

export const deadMasterOptions = [
  conf,
  globalConf,
  text(['dead_master_host'], 'HOST', 'the source that is dead, as the file names it; required'),
  text(['dead_master_ip'], 'ADDRESS', 'its address, if it is to be compared as well'),
  number(['dead_master_port'], 'PORT', 'its port [3306]'),
  number(['ssh_reachable'], '0|1|2', 'accepted; whether its host can be reached is tried in any case [2]'),
  interactive(1),
  workdir,
  logOutput,
  ...failoverOptions,
  dryRun,
  json,
];
