import type { Cluster, ClusterOptions } from '../../../src/sandbox/cluster.js';
import type { WriterOptions } from '../../../src/sandbox/writer.js';
import { runIn } from './run-in.js';

/** An address of the lab's network that no host has of its own. */
export const vip = '10.77.0.100';

export const addressConf = { writer_vip: `${vip}/24`, writer_vip_interface: 'eth0' } as const;

/** A cluster's configuration with the writer's address, and a writer that knows no other. */
export function withAddress(options: ClusterOptions = {}): ClusterOptions {
  const extraOptions = ['bind-address=*', ...(options.extraOptions ?? [])];
  return { lab: 'namespaces', ...options, extraOptions, conf: { ...addressConf, ...options.conf } };
}

export const byAddress: WriterOptions = { addresses: [{ host: vip, port: 3306 }], ratePerWorker: 100 };

/** The address on the source, and a client whose kernel forgets no neighbour by itself: only being told changes its mind. */
export async function placeAddress(cluster: Cluster, on = 'db1'): Promise<void> {
  await cluster.host(on).lab.inNetwork(['ip', 'addr', 'add', `${vip}/24`, 'dev', 'eth0']);
  for (const name of ['client', 'manager']) await slowToForget(cluster, name);
}

async function slowToForget(cluster: Cluster, name: string): Promise<void> {
  const command = 'echo 3600000 >/proc/sys/net/ipv4/neigh/eth0/base_reachable_time_ms';
  const { code, stderr } = await runIn(cluster, name, ['sh', '-c', command]);
  if (code !== 0) throw new Error(`${command} on ${name} failed: ${stderr}`);
}

/** The hosts that have the address now; a host without power has nothing. */
export async function holders(cluster: Cluster, names: readonly string[]): Promise<readonly string[]> {
  const seen = await Promise.all(
    names.map(async (name) => {
      const shown = await cluster.host(name).lab.inNetwork(['ip', '-o', '-4', 'addr', 'show', 'to', `${vip}/32`]);
      return shown.includes(vip) ? [name] : [];
    }),
  );
  return seen.flat();
}
