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
import type { ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../model/fault.js';
import { type Accounts, knownAccounts } from './accounts.js';
import { type Claim, claimFolder } from './claim.js';
import {
  type DatabaseHost,
  fitDatabaseHost,
  fitManagerHost,
  planHost,
  presentUser,
  writeHostsFile,
} from './cluster-host.js';
import { confFileText } from './conf-file.js';
import type { TextRow } from './database.js';
import type { Lab, LabHost, SpawnSettings } from './lab.js';
import { cutHost, cutLink, type Direction, healHost, healLink, limitRate } from './links.js';
import { openLoopbackLab } from './loopback-lab.js';
import { namespacesAllowed, openNamespaceLab } from './namespace-lab.js';
import { makeFolder } from './places.js';
import { preparedData } from './prepared-data.js';
import { signalPid } from './proc.js';
import { attachReplica, type ReplicationMode, replicationRuns } from './replication.js';

export interface ClusterOptions {
  /** How many database hosts: db1 is the source, the others are its replicas. Default 4. */
  readonly servers?: number;
  readonly mode?: ReplicationMode;
  /** MariaDB's own default is off, and so is ours. */
  readonly logReplicaUpdates?: boolean;
  /** Lines for every server's option file: `slave_parallel_threads=4`. */
  readonly extraOptions?: readonly string[];
  /** Lines for one server's option file, by host name. */
  readonly perServer?: Readonly<Record<string, readonly string[]>>;
  /** Lines that come first in every sshd_config: `AllowTcpForwarding no`. */
  readonly sshdOptions?: readonly string[];
  /** Keys of `[server default]` in the configuration file, besides the usual ones. */
  readonly conf?: Readonly<Record<string, string | number>>;
  /** Keys of one server's block in the configuration file, by host name. */
  readonly confPerServer?: Readonly<Record<string, Readonly<Record<string, string | number>>>>;
  /** `namespaces` where root may make them, else `loopback`. */
  readonly lab?: Lab['kind'];
}

export type ClusterHostName = string;

export interface Cluster {
  readonly lab: Lab['kind'];
  readonly folder: string;
  readonly mode: ReplicationMode;
  /** In MHA's format; readable in every host under this path. */
  readonly confFile: string;
  readonly workdir: string;
  readonly accounts: Accounts;
  readonly hosts: readonly DatabaseHost[];
  host(name: ClusterHostName): DatabaseHost;
  sql(name: ClusterHostName, text: string): Promise<readonly TextRow[]>;
  /** Default SIGKILL; waits until the process is gone. */
  killServer(name: ClusterHostName, signal?: NodeJS.Signals): Promise<void>;
  startServer(name: ClusterHostName): Promise<void>;
  /** Replaces the running server by one below a supervisor named `mysqld_safe`. */
  startSupervised(name: ClusterHostName, options: { readonly restartDelayMs: number }): Promise<void>;
  killSshd(name: ClusterHostName): Promise<void>;
  startSshd(name: ClusterHostName): Promise<void>;
  /** SIGSTOP to the server; `thaw` wakes it. */
  freeze(name: ClusterHostName): void;
  thaw(name: ClusterHostName): void;
  /** Between two hosts, or (one name) a host from everybody. Names include `manager` and `client`. */
  cut(name: ClusterHostName, other?: ClusterHostName, direction?: Direction): Promise<void>;
  heal(name: ClusterHostName, other?: ClusterHostName): Promise<void>;
  limitRate(name: ClusterHostName, kilobytesPerSecond: number | undefined): Promise<void>;
  /** Power off. It cannot be started again. */
  killHost(name: ClusterHostName): Promise<void>;
  /** Starts a program in any host, `manager` and `client` included; `node` is on its PATH. */
  spawnIn(name: ClusterHostName, argv: readonly string[], settings?: SpawnSettings): ChildProcess;
  /** Every process of any host, in this machine's numbering. */
  processesOf(name: ClusterHostName): readonly number[];
  /** Where the host's own `/root` is, seen from here. */
  homeOf(name: ClusterHostName): string;
  /** Ends everything. `keep` moves the folder aside instead of removing it; its new path is returned. */
  stop(options?: { readonly keep?: boolean }): Promise<string | undefined>;
}

const managerNumber = 2;
const clientNumber = 3;
const firstDatabaseNumber = 10;

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
  const [accounts, others] = await Promise.all([knownAccounts(), bootAll(lab, claim, options)]);
  const { databases, manager, client } = others;
  const data = await preparedData(accounts);
  const mode = options.mode ?? 'coordinates';
  await Promise.all(databases.map((host) => startHost(host, data, options)));
  await replicate(databases, accounts, mode);
  const workdir = await makeFolder(join(claim.folder, 'workdir'));
  const confFile = await writeConf(lab.kind, claim.folder, workdir, accounts, databases, manager, options);
  const labHosts = new Map([...databases.map((host) => host.lab), manager, client].map((host) => [host.name, host]));
  return assemble({ lab, claim, mode, confFile, workdir, accounts, databases, labHosts });
}

async function bootAll(
  lab: Lab,
  claim: Claim,
  options: ClusterOptions,
): Promise<{ readonly databases: readonly DatabaseHost[]; readonly manager: LabHost; readonly client: LabHost }> {
  const network = lab.kind === 'namespaces' ? '10.77.0' : `127.77.${String(claim.number)}`;
  const ports = lab.kind === 'namespaces' ? { sql: 3306, ssh: 22 } : { sql: 3306, ssh: 2222 };
  const names = Array.from({ length: options.servers ?? 4 }, (_, index) => `db${String(index + 1)}`);
  const plan = (name: string, number: number): ReturnType<typeof planHost> =>
    planHost(claim.folder, name, `${network}.${String(number)}`);
  const plans = await Promise.all(names.map((name, index) => plan(name, firstDatabaseNumber + 1 + index)));
  const [managerPlan, clientPlan] = [await plan('manager', managerNumber), await plan('client', clientNumber)];
  await writeHostsFile(claim.folder, [...plans, managerPlan, clientPlan]);
  const [manager, client, ...booted] = await Promise.all([
    lab.boot(managerPlan),
    lab.boot(clientPlan),
    ...plans.map((item) => lab.boot(item)),
  ]);
  const fit = (host: LabHost, index: number): Promise<DatabaseHost> =>
    fitDatabaseHost(host, index + 1, ports, options.sshdOptions ?? []);
  return { databases: await Promise.all(booted.map(fit)), manager, client };
}

async function startHost(host: DatabaseHost, data: string, options: ClusterOptions): Promise<void> {
  await host.server.prepare(data, {
    serverId: host.serverId,
    port: host.port,
    logReplicaUpdates: options.logReplicaUpdates ?? false,
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
  hosts: readonly DatabaseHost[],
  manager: LabHost,
  options: ClusterOptions,
): Promise<string> {
  const { keyFile } = await fitManagerHost(manager);
  const confFile = join(folder, 'app1.cnf');
  // The user's own known_hosts is not ours to write to; in a namespace the manager's home is its own anyway.
  const knownHosts =
    labKind === 'namespaces' ? '' : ` -o UserKnownHostsFile=${join(manager.home, '.ssh', 'known_hosts')}`;
  const text = confFileText({
    accounts,
    workdir,
    sshUser: presentUser(),
    sshOptions: `-i ${keyFile}${knownHosts}`,
    // Names resolve in the hosts' own /etc/hosts only.
    servers: hosts.map((host) => ({
      ...host,
      hostname: labKind === 'namespaces' ? host.name : host.address,
      dataFolder: host.server.dataFolder,
    })),
    defaults: options.conf ?? {},
    perServer: options.confPerServer ?? {},
  });
  await writeFile(confFile, text, { mode: 0o600 });
  return confFile;
}

interface Parts {
  readonly lab: Lab;
  readonly claim: Claim;
  readonly mode: ReplicationMode;
  readonly confFile: string;
  readonly workdir: string;
  readonly accounts: Accounts;
  readonly databases: readonly DatabaseHost[];
  readonly labHosts: ReadonlyMap<string, LabHost>;
}

function assemble(parts: Parts): Cluster {
  const { lab, claim, databases, labHosts } = parts;
  const host = (name: string): DatabaseHost =>
    named(
      name,
      databases.find((item) => item.name === name),
    );
  const labHost = (name: string): LabHost => named(name, labHosts.get(name));
  return {
    lab: lab.kind,
    folder: claim.folder,
    mode: parts.mode,
    confFile: parts.confFile,
    workdir: parts.workdir,
    accounts: parts.accounts,
    hosts: databases,
    host,
    sql: (name, text) => host(name).server.sql(text),
    killServer: (name, signal) => host(name).server.kill(signal),
    startServer: async (name) => {
      host(name).server.start();
      await host(name).server.ready();
    },
    startSupervised: async (name, { restartDelayMs }) => {
      await host(name).server.kill('SIGTERM');
      host(name).server.startSupervised(restartDelayMs);
      await host(name).server.ready();
    },
    killSshd: (name) => host(name).sshd.kill(),
    startSshd: (name) => host(name).sshd.start(),
    freeze: (name) => signalServer(host(name), 'SIGSTOP'),
    thaw: (name) => signalServer(host(name), 'SIGCONT'),
    cut: (name, other, direction = 'both') =>
      other === undefined ? cutHost(labHost(name)) : cutLink(labHost(name), labHost(other), direction),
    heal: (name, other) => (other === undefined ? healHost(labHost(name)) : healLink(labHost(name), labHost(other))),
    limitRate: (name, rate) => limitRate(labHost(name), rate),
    killHost: async (name) => {
      databases.find((item) => item.name === name)?.server.close();
      await labHost(name).end();
    },
    spawnIn: (name, argv, settings) => labHost(name).spawn(argv, settings),
    processesOf: (name) => labHost(name).processes(),
    homeOf: (name) => labHost(name).home,
    stop: async ({ keep = false } = {}) => {
      for (const { server } of databases) server.close();
      await lab.close();
      return claim.release(keep);
    },
  };
}

function named<T>(name: string, found: T | undefined): T {
  if (found === undefined)
    throw new Fault('SANDBOX_FAILED', { what: `find the host ${name}`, message: 'no such host' });
  return found;
}

function signalServer(host: DatabaseHost, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const pid = host.server.pid();
  if (pid === undefined)
    throw new Fault('SANDBOX_FAILED', { what: `send ${signal} to ${host.name}`, message: 'no server' });
  signalPid(pid, signal);
}
