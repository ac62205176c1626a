import type { Cluster } from './cluster-shape.js';

/** Starts or stops one of a replica's threads, in its family's words. */
async function tell(cluster: Cluster, name: string, verb: 'START' | 'STOP', thread: string): Promise<void> {
  await cluster.sql(name, `${verb} ${cluster.family.words.replica} ${thread}`);
}

/** From now on the tail is on the source's disk only. */
export const stopReceiver = (cluster: Cluster, name: string): Promise<void> => tell(cluster, name, 'STOP', 'IO_THREAD');
export const startReceiver = (cluster: Cluster, name: string): Promise<void> =>
  tell(cluster, name, 'START', 'IO_THREAD');

export const stopApplier = (cluster: Cluster, name: string): Promise<void> => tell(cluster, name, 'STOP', 'SQL_THREAD');
export const startApplier = (cluster: Cluster, name: string): Promise<void> =>
  tell(cluster, name, 'START', 'SQL_THREAD');
