import type { Account } from '../model/settings.js';
import type { DatabaseServer } from './database-server.js';
import type { ReplicationMode, SourceAddress } from './family/family.js';
import { isRunning, readReplicaStatus } from './replica-status.js';
import { until } from './wait.js';

/** Points a new server at the source's first event, starts it and closes it for clients. */
export async function attachReplica(
  replica: DatabaseServer,
  source: SourceAddress,
  account: Account,
  mode: ReplicationMode,
): Promise<void> {
  const { attach, words } = replica.family;
  await replica.sql(`${attach(source, account, mode)}; START ${words.replica}; ${words.close}`);
}

export async function replicationRuns(replica: DatabaseServer, name: string): Promise<void> {
  await until(async () => isRunning(await readReplicaStatus(replica)), {
    what: `start replication on ${name}`,
    deadlineMs: 20_000,
    epitaph: () => replica.errorTail(),
  });
}
