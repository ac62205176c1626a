import type { Claim } from './claim.js';
import type { ClusterOptions } from './cluster-shape.js';
import { type DatabaseHost, fitDatabaseHost, planHost, writeHostsFile } from './cluster-host.js';
import type { Family } from './family/family.js';
import type { HostPlan, Lab, LabHost } from './lab.js';

const managerNumber = 2;
const clientNumber = 3;
const firstDatabaseNumber = 10;

export interface BootedHosts {
  readonly databases: readonly DatabaseHost[];
  readonly manager: LabHost;
  readonly client: LabHost;
}

/** Boots all hosts at once; nothing runs in them yet. */
export async function bootAll(lab: Lab, claim: Claim, family: Family, options: ClusterOptions): Promise<BootedHosts> {
  const network = lab.kind === 'namespaces' ? '10.77.0' : `127.77.${String(claim.number)}`;
  const ports = lab.kind === 'namespaces' ? { sql: 3306, ssh: 22 } : { sql: 3306, ssh: 2222 };
  const names = Array.from({ length: options.servers ?? 4 }, (_, index) => `db${String(index + 1)}`);
  const plan = (name: string, number: number): Promise<HostPlan> =>
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
    fitDatabaseHost(host, index + 1, ports, family, [
      ...(options.sshdOptions ?? []),
      ...(options.sshdPerServer?.[host.name] ?? []),
    ]);
  return { databases: await Promise.all(booted.map(fit)), manager, client };
}
