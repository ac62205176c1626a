import { describe } from 'vitest';
import { type Cluster, type ClusterOptions, startCluster } from '../../../src/sandbox/cluster.js';
import { wantedLab } from './lab.js';

/** Why there can be no real servers here (set by the set-up), or undefined. */
export const noServers = process.env['MHA_TS_NO_SERVERS'];

/** `describe` for tests with real servers; skipped, with the reason in the title, where they are missing. */
export function describeWithServers(title: string, tests: () => void): void {
  if (noServers === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${noServers})`, tests);
}

/** Gives the test a cluster of its own. After a failure the files stay for reading and the error says where. */
export async function withCluster(options: ClusterOptions, test: (cluster: Cluster) => Promise<void>): Promise<void> {
  const cluster = await startCluster({ ...(wantedLab === undefined ? {} : { lab: wantedLab }), ...options });
  try {
    await test(cluster);
  } catch (error) {
    const kept = await cluster.stop({ keep: true });
    if (error instanceof Error) error.message += `\n(the cluster's files: ${String(kept)})`;
    throw error;
  }
  await cluster.stop();
}
