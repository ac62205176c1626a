import { once } from 'node:events';
import { join } from 'node:path';
import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import type { SourceAddress } from '../family/family.js';
import { checkout } from '../places.js';
import { within } from '../wait.js';
import { type BenchTail, tailBytes, wideRow, writeTail } from './bench-tail.js';
import type { Part, Sample } from './part.js';
import { startRescuer } from './rescuer.js';

const megabytes = 100;
/** 100 Mbit/s, as the queue counts: with every header of the line. */
const linkKilobytes = 12_500;
const oneWayMs = 10;
const relayPort = 2022;

/** Is the fetch from a host far away bound by the line, or by waiting for answers? */
export const link: Part = {
  name: 'link',
  title: 'A tail of 100 MB from a host behind 20 ms and 100 Mbit/s',
  method: `What the source's host sends is held to 100 Mbit/s (\`tc tbf\`), and a TCP relay in front of it keeps each piece for
10 ms in each direction. Measured is the whole fetch on connections that are open already: listing, every byte, the checks
and the last look at the log. The share counts the log's own bytes against the line's nominal rate, so that the headers of
IP, TCP and SSH are on our side of the account. The same fetch without the limits is beside it.`,
  runs: 3,
  figures: {
    share: { name: 'share of the line', unit: '%', digits: 1, atLeast: 90 },
    limited: { name: 'fetch over the line', unit: 's', digits: 2 },
    far: { name: 'fetch with the delay alone', unit: 's', digits: 2 },
    near: { name: 'fetch without limits', unit: 's', digits: 2 },
  },
  run: async (): Promise<Sample> => {
    const cluster = await startCluster({ servers: 2 });
    try {
      const tail = await writeTail(cluster, megabytes * 1e6, wideRow);
      const near = await fetchSeconds(cluster, tail);
      const relay = await startRelay(cluster);
      const far = await fetchSeconds(cluster, tail, relay);
      await cluster.limitRate('db1', linkKilobytes);
      const limited = await fetchSeconds(cluster, tail, relay);
      const share = (100 * tailBytes(tail)) / limited / (linkKilobytes * 1000);
      return { share, limited, far, near };
    } finally {
      await cluster.stop();
    }
  },
};

/** In the client's host, between the manager and the source's sshd. */
async function startRelay(cluster: Cluster): Promise<SourceAddress> {
  const { address, sshPort } = cluster.host('db1');
  const program = join(checkout, 'dist', 'sandbox', 'delay.js');
  const place = { address: '10.77.0.3', port: relayPort };
  const numbers = [place.address, String(place.port), address, String(sshPort), String(oneWayMs)];
  const child = cluster.spawnIn('client', ['node', program, ...numbers], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('the relay has no output');
  await within(once(child.stdout, 'data'), 'see the relay listen', 20_000);
  return place;
}

async function fetchSeconds(cluster: Cluster, tail: BenchTail, sshOfSource?: SourceAddress): Promise<number> {
  const order = { from: tail.from, replicas: [], via: 'tunnel' } as const;
  const rescuer = await startRescuer(cluster, { ...order, ...(sshOfSource && { sshOfSource }) });
  try {
    await rescuer.start();
    const { seconds, to } = await rescuer.saved();
    if (to.position !== tail.to.position) throw new Error(`fetched up to ${to.file}:${String(to.position)} only`);
    return seconds;
  } finally {
    await rescuer.stop();
  }
}
