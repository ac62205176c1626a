import type { Check } from '../evidence.js';
import { replicasOf } from '../roles.js';

/**
 * A failover sets relay_log_purge=0 itself before anything else. What was purged before matters only where replicas
 * would have to be levelled from each other's relay logs: without GTID, and with the source's disk out of reach.
 */
export const relayLogPurge: Check = (evidence) => {
  const source = evidence.ssh.find(({ id }) => id === evidence.verdict.source);
  const diskOutOfReach = source !== undefined && source.login.outcome !== 'ok';
  return replicasOf(evidence).flatMap(({ id, state, channel }) => {
    if (!state.relayLogPurge || channel.mode !== 'coordinates') return [];
    return [
      {
        id: 'relay-log-purge',
        severity: diskOutOfReach ? ('warn' as const) : ('note' as const),
        server: id,
        seen: `${id} removes relay logs as soon as they are applied (relay_log_purge=1)`,
        matters: 'If the dead source cannot be reached, a replica that is further behind cannot be levelled from them.',
        fix: 'Set relay_log_purge=0 and remove old relay logs on a schedule; or replicate with GTID.',
      },
    ];
  });
};
