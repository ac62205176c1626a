import { startCluster } from '../cluster.js';
import { stopReceiver } from '../replica-verbs.js';
import { startProduct, watching } from '../manager.js';
import { startWriter } from '../writer.js';
import { killAndMeasure } from './death.js';
import type { Part, Sample } from './part.js';

const tailBytes = 200 * 2 ** 20;
const rowBytes = 64 * 2 ** 10;

/** A tail of 200 MB that exists on the dead disk only. */
export const tail: Part = {
  name: 'tail',
  title: 'A tail of 200 MB on the dead disk only',
  method: `All receivers are stopped, 200 MB of rows of 64 KiB are written, then the source's process is killed. Writable again is the
first row that the new source acknowledged; death is certain when the manager's run begins.`,
  runs: 10,
  figures: {
    certain: { name: 'death certain to writable again', unit: 's', digits: 1, atMost: 12, others: 'MHA 44 s' },
    outage: { name: 'outage', unit: 's', digits: 1 },
  },
  run: async (): Promise<Sample> => {
    const cluster = await startCluster();
    try {
      const writer = await startWriter(cluster, { rowBytes });
      const manager = startProduct(cluster, ['manager'], 'ignore');
      await watching(cluster, manager);
      for (const { name } of cluster.hosts.slice(1)) await stopReceiver(cluster, name);
      await writer.more(tailBytes / rowBytes, 120_000);
      const death = await killAndMeasure(cluster, writer, manager);
      return { certain: death.certainToWritableMs / 1000, outage: death.outageMs / 1000 };
    } finally {
      await cluster.stop();
    }
  },
};
