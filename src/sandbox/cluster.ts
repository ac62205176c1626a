/**
 * Room `sandbox`: a real local cluster that demo, tests and benchmarks share. It imports `model` only; it has its own
 * small SQL door so that what proves the product does not share the product's code.
 * Invariant: it ends only processes it started, and all of them end with this process, however it ends.
 *
 * From a test (`test/integration/*.itest.ts`) or a plain script (`node` on something in `dist/`):
 *
 *     import { startCluster } from '../../src/sandbox/cluster.js';
 *     const cluster = await startCluster({ servers: 4, mode: 'gtid' });   // db1 is the source, db2 to db4 replicate
 *     try {
 *       await cluster.sql('db1', 'CREATE TABLE app.t (id INT PRIMARY KEY)');
 *       await cluster.sql('db2', 'STOP SLAVE IO_THREAD');
 *       await cluster.killServer('db1');                                  // SIGKILL; dead until startServer
 *       const run = cluster.spawnIn('manager', ['node', binRun, 'failover', '--conf', cluster.confFile]);
 *     } finally {
 *       await cluster.stop();                                             // stop({ keep: true }) keeps all files
 *     }
 *
 * Addresses exist inside the lab only: programs that speak to the servers over TCP or SSH are started with `spawnIn` in
 * the hosts `manager` or `client`. `sql` goes over a Unix socket and works from here. Host names resolve in every host.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Accounts, knownAccounts } from './accounts.js';
import { type Claim, claimFolder } from './claim.js';
import { bootAll, type BootedHosts } from './cluster-boot.js';
import { type DatabaseHost, fitManagerHost, presentUser } from './cluster-host.js';
import type { Cluster, ClusterOptions } from './cluster-shape.js';
import { assemble } from './cluster-verbs.js';
import { confFileText } from './conf-file.js';
import { familyOf } from './family/choose.js';
import type { ReplicationMode } from './family/family.js';
import type { Lab } from './lab.js';
import { openLoopbackLab } from './loopback-lab.js';
import { namespacesAllowed, openNamespaceLab } from './namespace-lab.js';
import { makeFolder } from './places.js';
import { preparedData } from './prepared-data.js';
import { attachReplica, replicationRuns } from './replication.js';

export type { Cluster, ClusterOptions };

export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const claim = await claimFolder();
  let lab: Lab | undefined;
  try {
    lab = await openLab(options.lab, claim);
    return await fill(lab, claim, options);
  } catch (error) {
    await lab?.close();
    await claim.release(true);
    throw error;
  }
}

async function openLab(wanted: Lab['kind'] | undefined, claim: Claim): Promise<Lab> {
  const namespaces = wanted === undefined ? await namespacesAllowed() : wanted === 'namespaces';
  return namespaces ? openNamespaceLab(claim.remember) : openLoopbackLab(claim.remember);
}

async function fill(lab: Lab, claim: Claim, options: ClusterOptions): Promise<Cluster> {
  const family = familyOf(options.family ?? 'mariadb');
  const [accounts, others] = await Promise.all([knownAccounts(), bootAll(lab, claim, family, options)]);
  const { databases, copyHosts, manager, client } = others;
  const data = await preparedData(family, accounts);
  const mode = options.mode ?? 'coordinates';
  await Promise.all(databases.map((host) => startHost(host, data, mode, options)));
  await replicate(databases, accounts, mode);
  const workdir = await makeFolder(join(claim.folder, 'workdir'));
  const confFile = await writeConf(lab.kind, claim.folder, workdir, accounts, others, options);
  const hosts = [...databases, ...copyHosts].map((host) => host.lab);
  const labHosts = new Map([...hosts, manager, client].map((host) => [host.name, host]));
  return assemble({ lab, claim, family, mode, confFile, workdir, accounts, databases, copyHosts, labHosts });
}

async function startHost(
  host: DatabaseHost,
  data: string,
  mode: ReplicationMode,
  options: ClusterOptions,
): Promise<void> {
  await host.server.prepare(data, {
    serverId: host.serverId,
    port: host.port,
    mode,
    logReplicaUpdates: options.logReplicaUpdates ?? host.server.family.logsReplicaUpdates,
    extra: [...(options.extraOptions ?? []), ...(options.perServer?.[host.name] ?? [])],
  });
  host.server.start();
  await Promise.all([host.server.ready(), host.sshd.start()]);
}

async function replicate(databases: readonly DatabaseHost[], accounts: Accounts, mode: ReplicationMode): Promise<void> {
  const [source, ...replicas] = databases;
  if (source === undefined) return;
  await source.server.sql('CREATE DATABASE app');
  await Promise.all(
    replicas.map(async ({ server, name }) => {
      await attachReplica(server, source, accounts.replication, mode);
      await replicationRuns(server, name);
    }),
  );
}

async function writeConf(
  labKind: Lab['kind'],
  folder: string,
  workdir: string,
  accounts: Accounts,
  { databases, copyHosts, manager }: BootedHosts,
  options: ClusterOptions,
): Promise<string> {
  const { keyFile } = await fitManagerHost(manager);
  // Names resolve in the hosts' own /etc/hosts only.
  const hostname = ({ name, address }: { name: string; address: string }): string =>
    labKind === 'namespaces' ? name : address;
  const confFile = join(folder, 'app1.cnf');
  // The user's own known_hosts is not ours to write to; in a namespace the manager's home is its own anyway.
  const knownHosts =
    labKind === 'namespaces' ? '' : ` -o UserKnownHostsFile=${join(manager.home, '.ssh', 'known_hosts')}`;
  const text = confFileText({
    accounts,
    workdir,
    sshUser: presentUser(),
    sshOptions: `-i ${keyFile}${knownHosts}`,
    servers: databases.map((host) => ({
      ...host,
      hostname: hostname(host),
      dataFolder: host.server.dataFolder,
    })),
    copyHosts: copyHosts.map((host) => ({ ...host, hostname: hostname(host) })),
    defaults: options.conf ?? {},
    perServer: options.confPerServer ?? {},
  });
  await writeFile(confFile, text, { mode: 0o600 });
  return confFile;
}
