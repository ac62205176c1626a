import type { Cluster } from '../../../src/sandbox/cluster.js';
import { waitForLevel } from '../../../src/sandbox/proof-reader.js';
import { readReplicaStatus } from '../../../src/sandbox/replica-status.js';
import { replicationRuns } from '../../../src/sandbox/replication.js';

/** Lets a server follow another one from that one's present end, and nobody else any more. Nothing may be written meanwhile. */
export async function followOnly(cluster: Cluster, name: string, source: string): Promise<void> {
  const { family, mode, accounts } = cluster;
  const { server } = cluster.host(name);
  const { replica, showBinlogEnd } = family.words;
  await waitForLevel(
    cluster,
    cluster.hosts.map((host) => host.name),
  );
  if ((await readReplicaStatus(server)) !== undefined) await server.sql(`STOP ${replica}; RESET ${replica} ALL`);
  const [end] = await cluster.sql(source, showBinlogEnd);
  const attach = family
    .attach(cluster.host(source), accounts.replication, mode)
    .replace(/_LOG_FILE='[^']*'/, `_LOG_FILE='${end?.['File'] ?? ''}'`)
    .replace(/_LOG_POS=\d+/, `_LOG_POS=${end?.['Position'] ?? ''}`);
  await server.sql(`${attach}; START ${replica}`);
  await replicationRuns(server, name);
}

/** The server that a replica follows. */
export async function followedBy(cluster: Cluster, name: string): Promise<string | undefined> {
  const status = await readReplicaStatus(cluster.host(name).server);
  return cluster.hosts.find((host) => [host.name, host.address].includes(status?.sourceHost ?? ''))?.name;
}
