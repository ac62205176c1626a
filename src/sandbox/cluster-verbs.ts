import { Fault } from '../model/fault.js';
import type { Claim } from './claim.js';
import type { Cluster } from './cluster-shape.js';
import type { CopyHost, DatabaseHost } from './cluster-host.js';
import type { Lab, LabHost } from './lab.js';
import { cutHost, cutLink, healHost, healLink, limitRate } from './links.js';
import { signalPid } from './proc.js';

/** What a cluster is put together from. */
export interface Parts extends Pick<Cluster, 'family' | 'mode' | 'confFile' | 'workdir' | 'accounts'> {
  readonly lab: Lab;
  readonly claim: Claim;
  readonly databases: readonly DatabaseHost[];
  readonly copyHosts: readonly CopyHost[];
  readonly labHosts: ReadonlyMap<string, LabHost>;
}

/** The cluster as its users hold it: facts and verbs. */
export function assemble(parts: Parts): Cluster {
  const { lab, claim, databases, labHosts } = parts;
  const host = (name: string): DatabaseHost =>
    named(
      name,
      databases.find((item) => item.name === name),
    );
  const sshdOf = (name: string): DatabaseHost['sshd'] =>
    named(name, [...databases, ...parts.copyHosts].find((item) => item.name === name)?.sshd);
  const labHost = (name: string): LabHost => named(name, labHosts.get(name));
  return {
    lab: lab.kind,
    folder: claim.folder,
    family: parts.family,
    mode: parts.mode,
    confFile: parts.confFile,
    workdir: parts.workdir,
    accounts: parts.accounts,
    hosts: databases,
    copyHosts: parts.copyHosts,
    host,
    sql: (name, text) => host(name).server.sql(text),
    killServer: (name, signal) => host(name).server.kill(signal),
    startServer: async (name) => {
      host(name).server.start();
      await host(name).server.ready();
    },
    startSupervised: async (name, { restartDelayMs }) => {
      await host(name).server.endSupervisor();
      await host(name).server.kill('SIGTERM');
      host(name).server.startSupervised(restartDelayMs);
      await host(name).server.ready();
    },
    killSshd: (name) => sshdOf(name).kill(),
    startSshd: (name) => sshdOf(name).start(),
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
