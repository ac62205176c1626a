import type { ChildProcess, StdioOptions } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cluster } from './cluster-shape.js';
import { checkout } from './places.js';
import { until } from './wait.js';

/** Starts a command of the product on the manager's host. */
export function startProduct(cluster: Cluster, words: readonly string[], stdio: StdioOptions): ChildProcess {
  const argv = ['node', join(checkout, 'bin', 'run.js'), ...words, '--conf', cluster.confFile];
  return cluster.spawnIn('manager', argv, { stdio, cwd: cluster.workdir });
}

/** The manager is watching once its status file says so. */
export async function watching(cluster: Cluster, manager: { readonly exitCode: number | null }): Promise<void> {
  const file = join(cluster.workdir, 'app1.master_status.health');
  const ready = async (): Promise<boolean> =>
    manager.exitCode !== null || (await readFile(file, 'utf8')).includes('0:PING_OK');
  await until(ready, { what: 'see the manager watch db1', deadlineMs: 60_000 });
  if (manager.exitCode !== null)
    throw new Error(`The manager ended with ${String(manager.exitCode)} before anything had happened.`);
}
