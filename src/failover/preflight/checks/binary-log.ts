import type { Check } from '../evidence.js';
import { replicasOf, sourceOf } from '../roles.js';

export const logBin: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, state, settings }) => {
    if (state.logBin) return [];
    return [
      {
        id: 'log-bin',
        severity: settings.noMaster ? ('note' as const) : ('warn' as const),
        server: id,
        seen: `${id} writes no binary log`,
        matters: 'It cannot become the source: nobody could replicate from it.',
        fix: 'Set log_bin in its option file and restart it; or set no_master=1 in its block.',
      },
    ];
  });

/** Not needed for a failover: replicas are levelled from the rescued events, not from the new source. */
export const logReplicaUpdates: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, state }) => {
    if (!state.logBin || state.logReplicaUpdates) return [];
    return [
      {
        id: 'log-replica-updates',
        severity: 'note' as const,
        server: id,
        seen: `${id} does not write replicated events into its own binary log`,
        matters: 'After it has become the source, a replica that missed those events cannot get them from it.',
        fix: 'Set log_slave_updates (log_replica_updates) in its option file and restart it.',
      },
    ];
  });

/** MySQL: replication by GTID between servers whose modes differ stops, or loses the sets. */
export const gtidModeUniform: Check = (evidence) => {
  const source = sourceOf(evidence);
  const servers = source === undefined ? replicasOf(evidence) : [source, ...replicasOf(evidence)];
  const modes = new Set(servers.map(({ state }) => state.gtid.mode));
  if (modes.size < 2) return [];
  return [
    {
      id: 'gtid-mode-uniform',
      severity: 'warn',
      seen: `gtid_mode differs: ${servers.map(({ id, state }) => `${id} ${state.gtid.mode || '(none)'}`).join(', ')}`,
      matters: 'Replicas are then repointed by file and position, and some pairs of modes cannot replicate at all.',
      fix: 'Bring gtid_mode to the same value everywhere, step by step as the manual says.',
    },
  ];
};
