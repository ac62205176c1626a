import { everywhere, key, optionalKey, serverOnly } from '../key.js';
import { flag } from '../kinds.js';

/** Who becomes the new source, and what may be missing. */
export const electionKeys = {
  candidate_master: key(flag, '0', {
    levels: serverOnly,
    meaning: 'Prefer this server as the new source. With several, the order of the blocks decides.',
    note: 'Has no effect in `[server default]`, there as here; a warning says so.',
  }),
  no_master: key(flag, '0', { levels: serverOnly, meaning: 'Never make this server the source.' }),
  ignore_fail: key(flag, '0', {
    levels: serverOnly,
    meaning: 'A failover goes on although this server is dead or cannot be recovered.',
  }),
  latest_priority: key(flag, '1', {
    levels: everywhere,
    meaning: '1: prefer the replica that has received most. 0: only the order of the blocks counts.',
  }),
  check_repl_delay: key(flag, '1', {
    levels: everywhere,
    meaning: '1: a replica whose applier is far behind is not chosen.',
  }),
  check_repl_filter: key(flag, '1', {
    levels: everywhere,
    meaning:
      '1: replication and binary log filters must be the same on all servers. The value of the first server is taken.',
  }),
  multi_tier_slave: key(flag, '0', {
    levels: everywhere,
    meaning: '1: this server may replicate from another server than the source; it is then left alone.',
  }),
  use_gtid_auto_pos: optionalKey(flag, {
    levels: everywhere,
    defaultNote: 'as the replicas work now',
    meaning: '1: point replicas at the new source by GTID where all servers can. 0: by file and position.',
  }),
  skip_reset_slave: key(flag, '0', {
    levels: everywhere,
    meaning: '1: leave the replication settings of the new source in place at the end.',
  }),
};
