/**
 * The checks before anything is done: pure functions over what was observed and gathered. Imports `model` and `ports`.
 * Invariant: a check says what it saw and never guesses; `refuse` only where MHA refuses too, or where a failover is
 * impossible now.
 */
import type { Finding } from '../../model/finding.js';
import { logBin, logReplicaUpdates, gtidModeUniform } from './checks/binary-log.js';
import { bindAddress, loopbackAddress } from './checks/bind-address.js';
import { atLeastOneCandidate, redundancy, versionOrder } from './checks/candidates.js';
import { errantGtid } from './checks/errant-gtid.js';
import { eventsDisabled, eventsOnReplica } from './checks/events.js';
import { fence } from './checks/fence.js';
import { filtersDropEvents, filtersEqual } from './checks/filters.js';
import { serverIds, serverUuids } from './checks/identity.js';
import { oneWritable, readOnly, readOnlyBypass } from './checks/read-only.js';
import { autoFailover, sourcePublicKey } from './checks/receiver-options.js';
import { preparedXa } from './checks/prepared-xa.js';
import { relayLogPurge } from './checks/relay-log-purge.js';
import { delayConfigured, replicaLag } from './checks/replica-lag.js';
import { replicaThreads } from './checks/replica-threads.js';
import { replicationAccount } from './checks/replication-account.js';
import { othersAlive, sourceAlive } from './checks/servers-answer.js';
import { slowDetection } from './checks/slow-detection.js';
import { scriptsConfigured, scriptsReady } from './checks/scripts.js';
import { sealedLog } from './checks/sealed-log.js';
import { binlogReadable, copiesReadable, reverseTunnel, sshLogin } from './checks/ssh.js';
import { hostKeys, sshOptions } from './checks/ssh-policy.js';
import { chained, sourceNames, unmanagedReplica, unmanagedSource } from './checks/surroundings.js';
import { nonTransactionalTables } from './checks/tables.js';
import { writerAddress } from './checks/writer-address.js';
import type { Check, Evidence } from './evidence.js';
import { unsupportedServer } from './topology-refusals.js';

/** In the order in which findings are shown. */
export const checks: readonly Check[] = [
  sourceAlive,
  othersAlive,
  replicaThreads,
  replicaLag,
  atLeastOneCandidate,
  replicationAccount,
  sourcePublicKey,
  autoFailover,
  serverIds,
  serverUuids,
  filtersEqual,
  filtersDropEvents,
  logBin,
  logReplicaUpdates,
  gtidModeUniform,
  errantGtid,
  versionOrder,
  delayConfigured,
  oneWritable,
  readOnly,
  readOnlyBypass,
  bindAddress,
  loopbackAddress,
  sshLogin,
  reverseTunnel,
  fence,
  binlogReadable,
  sealedLog,
  copiesReadable,
  scriptsReady,
  scriptsConfigured,
  writerAddress,
  relayLogPurge,
  hostKeys,
  sshOptions,
  slowDetection,
  preparedXa,
  nonTransactionalTables,
  eventsDisabled,
  eventsOnReplica,
  sourceNames,
  unmanagedSource,
  unmanagedReplica,
  chained,
  redundancy,
];

/**
 * Everything found: what makes the topology unsound first, then the checks in their order. Of servers that are not ours to
 * manage this alone is said: what else is unusual there is no fault.
 */
export function preflight(evidence: Evidence): readonly Finding[] {
  const foreign = evidence.verdict.refusals.filter(({ id }) => id === unsupportedServer);
  if (foreign.length > 0) return foreign;
  return [...evidence.verdict.refusals, ...checks.flatMap((check) => check(evidence))];
}

export function refuses(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'refuse');
}
