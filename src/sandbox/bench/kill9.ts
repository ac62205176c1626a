import { startCluster } from '../cluster.js';
import { startProduct, watching } from '../manager.js';
import { makeTail } from '../tail.js';
import { startWriter } from '../writer.js';
import { killAndMeasure } from './death.js';
import type { Part, Sample } from './part.js';

const others: Readonly<Record<number, string>> = {
  1: 'MHA 8-10 s; orchestrator polling every second 2.5-3.0 s, tail lost',
  3: 'MHA 14-16 s',
};

/** The outage that a writer sees when the source's process is killed and its newest rows are on its disk only. */
export const kill9: Part = {
  name: 'kill9',
  title: 'Outage after `kill -9` of the source',
  method: `The replicas' receivers are stopped one after another while 4 connections write 200 rows per second each, so that the
newest rows are on the source's disk only; then its process is killed. The outage is the longest time without an
acknowledged row; the writer tries the next server every 20 ms. A run in which a row is lost does not count, it fails.`,
  runs: 10,
  figures: {
    one: { name: 'outage, `ping_interval=1`', unit: 's', digits: 2, atMost: 1, others: others[1] ?? '' },
    three: { name: 'outage, `ping_interval=3`', unit: 's', digits: 2, atMost: 1, others: others[3] ?? '' },
  },
  run: async (): Promise<Sample> => ({ one: await outage(1), three: await outage(3) }),
};

async function outage(interval: number): Promise<number> {
  const cluster = await startCluster({ conf: { ping_interval: interval } });
  try {
    const writer = await startWriter(cluster, { ratePerWorker: 200 });
    const manager = startProduct(cluster, ['manager'], 'ignore');
    await watching(cluster, manager);
    await makeTail(cluster, writer, 300);
    return (await killAndMeasure(cluster, writer, manager)).outageMs / 1000;
  } finally {
    await cluster.stop();
  }
}
