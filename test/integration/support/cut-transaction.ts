import { expect } from 'vitest';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import { readReplicaStatus } from '../../../src/sandbox/replica-status.js';
import { stopReceiver } from '../../../src/sandbox/replica-verbs.js';
import { until } from '../../../src/sandbox/wait.js';
import { bulkRows } from './bulk.js';

const megabytes = 24;
const [slow, cutAt] = [4_000, 2_000_000];

/**
 * One large transaction of the source reaches every replica in part: its line is slow, and the receivers are stopped while it
 * is under way. Needs a lab with links of its own.
 */
export async function cutOnItsWay(cluster: Cluster): Promise<void> {
  await cluster.sql('db1', 'CREATE DATABASE bulk; CREATE TABLE bulk.cut (id INT PRIMARY KEY, body LONGBLOB)');
  const begin = await endOf(cluster);
  await cluster.limitRate('db1', slow);
  await cluster.sql('db1', bulkRows('bulk.cut', 1, megabytes));
  const end = await endOf(cluster);
  await Promise.all(
    cluster.hosts.slice(1).map(async ({ name, server }, index) => {
      const received = async (): Promise<number> =>
        Number((await readReplicaStatus(server))?.received.split(':')[1] ?? '0');
      const wanted = begin + cutAt * (index + 1);
      await until(async () => (await received()) > wanted, { what: `see ${name} receive a part`, deadlineMs: 60_000 });
      await stopReceiver(cluster, name);
      expect(await received(), `the transaction reached ${name} as a whole`).toBeLessThan(end - cutAt);
    }),
  );
  await cluster.limitRate('db1', undefined);
}

async function endOf(cluster: Cluster): Promise<number> {
  const [end] = await cluster.sql('db1', cluster.family.words.showBinlogEnd);
  return Number(end?.['Position']);
}
