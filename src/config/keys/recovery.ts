import { defaultsOnly, everywhere, key, optionalKey } from '../key.js';
import { directories, filePath, flag, host, integer } from '../kinds.js';

/** What is rescued from a dead source, and the limits of waiting. */
export const recoveryKeys = {
  master_binlog_dir: key(directories, '/var/lib/mysql,/var/log/mysql', {
    levels: everywhere,
    meaning:
      "Directories searched for the binary logs where the server was never asked for their place. In a [binlogN] block: where that host keeps its copies of the source's.",
  }),
  remote_workdir: key(filePath, '/var/tmp', {
    levels: everywhere,
    meaning:
      'Directory on the database hosts for what a failover puts there for a while: links to relay logs that others still need, and the script that keeps a fenced server down.',
    note: 'MHA keeps copies of binary and relay logs there; here they stay on the manager.',
  }),
  recovery_listen_address: optionalKey(host, {
    levels: everywhere,
    own: true,
    defaultNote: 'an SSH reverse tunnel is used',
    meaning:
      'Address of the manager that replicas can connect to, used instead of tunnels: for hosts without SSH or whose SSH server forbids forwarding.',
  }),
  require_complete_rescue: key(flag, '0', {
    levels: defaultsOnly,
    own: true,
    meaning:
      '1: stop before anything is repointed when what the dead source still holds cannot be rescued whole. 0: go on and report what is missing.',
  }),
  applier_stall_seconds: key(integer(1, 86_400), '60', {
    levels: defaultsOnly,
    own: true,
    meaning: 'Seconds without any progress after which waiting for an applier ends.',
  }),
  laggard_fetch_limit_mb: key(integer(0, 16_777_216), '4096', {
    levels: defaultsOnly,
    own: true,
    meaning:
      'Megabytes that may be fetched for a replica that is behind the new source. A replica that needs more is listed for rebuild.',
  }),
  min_free_disk_mb: key(integer(0, 16_777_216), '256', {
    levels: defaultsOnly,
    own: true,
    meaning: 'Megabytes kept free in manager_workdir. With less, rescued events are served without being kept.',
  }),
  switch_drain_seconds: key(integer(0, 86_400), '10', {
    levels: defaultsOnly,
    own: true,
    meaning: 'Seconds that a planned switch waits for open transactions, while writes go on, before it refuses.',
  }),
};
