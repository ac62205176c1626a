import { writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { DatabaseServer } from './database-server.js';
import type { Family } from './family/family.js';
import type { HostPlan, LabHost } from './lab.js';
import { makeFolder } from './places.js';
import { managerKey, placeKey } from './ssh-keys.js';
import { prepareSshd, type SshServer } from './sshd.js';

/** A host with a database server and an sshd. */
export interface DatabaseHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly sshPort: number;
  readonly serverId: number;
  readonly lab: LabHost;
  readonly server: DatabaseServer;
  readonly sshd: SshServer;
}

/** A host with an sshd and a folder that files are streamed to. */
export interface CopyHost {
  readonly name: string;
  readonly address: string;
  readonly sshPort: number;
  readonly copies: string;
  readonly lab: LabHost;
  readonly sshd: SshServer;
}

export interface Ports {
  readonly sql: number;
  readonly ssh: number;
}

export async function planHost(clusterFolder: string, name: string, address: string): Promise<HostPlan> {
  return { name, address, folder: await makeFolder(join(clusterFolder, name)) };
}

export async function fitDatabaseHost(
  lab: LabHost,
  serverId: number,
  ports: Ports,
  family: Family,
  sshdExtra: readonly string[],
): Promise<DatabaseHost> {
  const sshd = await prepareSshd(lab, ports.ssh, sshdExtra);
  const server = new DatabaseServer(lab, family);
  return { name: lab.name, address: lab.address, port: ports.sql, sshPort: ports.ssh, serverId, lab, server, sshd };
}

export async function fitCopyHost(lab: LabHost, sshPort: number): Promise<CopyHost> {
  const sshd = await prepareSshd(lab, sshPort, []);
  await sshd.start();
  const copies = await makeFolder(join(lab.folder, 'copies'));
  return { name: lab.name, address: lab.address, sshPort, copies, lab, sshd };
}

/** Gives the manager's host the key that the others let in. Known hosts stay empty: the first contact is part of the show. */
export async function fitManagerHost(lab: LabHost): Promise<{ readonly keyFile: string }> {
  const folder = await makeFolder(join(lab.home, '.ssh'));
  const keyFile = join(folder, 'id_ed25519');
  await placeKey((await managerKey()).file, keyFile);
  return { keyFile };
}

/** Names of all hosts, for every host's own /etc/hosts. */
export async function writeHostsFile(clusterFolder: string, plans: readonly HostPlan[]): Promise<void> {
  const lines = plans.map(({ name, address }) => `${address} ${name}`);
  await writeFile(join(clusterFolder, 'hosts'), ['127.0.0.1 localhost', ...lines, ''].join('\n'));
}

export function presentUser(): string {
  return userInfo().username;
}
