import { once } from 'node:events';
import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import { startProduct } from '../manager.js';
import type { Part, Sample } from './part.js';

/** Wall time of the checks, from the start of the process to its end. */
export const checks: Part = {
  name: 'checks',
  title: 'Wall time of the checks',
  method: 'Four hosts; from the start of a fresh process to its end, the start of Node included.',
  runs: 10,
  figures: {
    repl: { name: '`check-repl`', unit: 's', digits: 2, atMost: 0.6, others: 'MHA 6-10 s' },
    ssh: { name: '`check-ssh`', unit: 's', digits: 2, atMost: 0.6, others: 'MHA 3-4 s (its mesh)' },
  },
  run: async (): Promise<Sample> => {
    const cluster = await startCluster();
    try {
      // The first contact records the host keys.
      await seconds(cluster, 'check-ssh');
      return { repl: await seconds(cluster, 'check-repl'), ssh: await seconds(cluster, 'check-ssh') };
    } finally {
      await cluster.stop();
    }
  },
};

async function seconds(cluster: Cluster, command: string): Promise<number> {
  const begun = performance.now();
  const child = startProduct(cluster, [command], 'ignore');
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`${command} ended with exit code ${String(child.exitCode)}`);
  return (performance.now() - begun) / 1000;
}
