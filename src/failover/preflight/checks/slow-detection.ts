import type { Finding } from '../../../model/finding.js';
import type { Check } from '../evidence.js';
import { type AnsweringReplica, replicasOf } from '../roles.js';

/** The default of today's servers; MariaDB and MySQL before 5.7 had an hour. */
const longestTimeoutSeconds = 60;

/** Settings with which a replica notices late that its source is gone, or cannot show that it lives. */
export const slowDetection: Check = (evidence) =>
  replicasOf(evidence).flatMap((replica) => {
    const seen = describe(replica);
    if (seen === undefined) return [];
    const finding: Finding = {
      id: 'slow-detection',
      severity: 'warn',
      server: replica.id,
      seen,
      matters: 'Its receiver counts as running long after the source is gone, so that it cannot testify in a failover.',
      fix: 'Set slave_net_timeout (replica_net_timeout) to 60 or less, and the heartbeat period to at most half of it.',
    };
    return [finding];
  });

function describe({ id, state, channel }: AnsweringReplica): string | undefined {
  const timeout = state.netTimeoutSeconds;
  const heartbeat = channel.heartbeatSeconds;
  if (timeout > longestTimeoutSeconds) return `${id} waits ${String(timeout)} s for a silent source`;
  if (heartbeat === 0) return `${id} asks for no heartbeats`;
  if (heartbeat !== undefined && heartbeat >= timeout) {
    return `${id} asks for a heartbeat every ${String(heartbeat)} s and gives up after ${String(timeout)} s`;
  }
  return undefined;
}
