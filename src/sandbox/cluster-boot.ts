import type { Claim } from './claim.js';
import type { ClusterOptions } from './cluster-shape.js';
import {
  type CopyHost,
  type DatabaseHost,
  fitCopyHost,
  fitDatabaseHost,
  planHost,
  writeHostsFile,
} from './cluster-host.js';
import type { Family } from './family/family.js';
import type { HostPlan, Lab, LabHost } from './lab.js';

const managerNumber = 2;
const clientNumber = 3;
const firstDatabaseNumber = 10;
const firstCopyNumber = 100;

export interface BootedHosts {
  readonly databases: readonly DatabaseHost[];
  readonly copyHosts: readonly CopyHost[];
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
  const copyPlans = await Promise.all(
    Array.from({ length: options.copyHosts ?? 0 }, (_, index) =>
      plan(`binlog${String(index + 1)}`, firstCopyNumber + 1 + index),
    ),
  );
  const [managerPlan, clientPlan] = [await plan('manager', managerNumber), await plan('client', clientNumber)];
  await writeHostsFile(claim.folder, [...plans, ...copyPlans, managerPlan, clientPlan]);
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
  const copyHosts = copyPlans.map(async (one) => fitCopyHost(await lab.boot(one), ports.ssh));
  const [databases, copies] = await Promise.all([Promise.all(booted.map(fit)), Promise.all(copyHosts)]);
  return { databases, copyHosts: copies, manager, client };
}
