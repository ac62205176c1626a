import { once } from 'node:events';
import { startCluster } from '../cluster.js';
import type { Cluster } from '../cluster-shape.js';
import { startProduct } from '../manager.js';
import { prove } from '../proof.js';
import { startWriter } from '../writer.js';
import type { WriterLine } from '../writer-log.js';
import type { Part, Sample } from './part.js';

/** How long a planned switch keeps a writer from writing. */
export const switchPart: Part = {
  name: 'switch',
  title: 'Write block of a planned switch',
  method: `Four connections write 200 rows per second each in transactions of one row and try the other server every millisecond once
they are refused. The block lasts from the first write that was refused or kept waiting to the first one that the new
source acknowledged. Transactions ended counts those that the switch ended by id; writes refused counts each try in between.
A fresh cluster for each run: its first lock is the slow one.`,
  runs: 10,
  figures: {
    coordinates: {
      name: 'write block, file/position',
      unit: 'ms',
      digits: 0,
      atMost: 50,
      others: 'MHA 31-99 ms, without a real lock',
    },
    gtid: { name: 'write block, GTID', unit: 'ms', digits: 0, atMost: 50, others: 'orchestrator 97 ms; mha-go 479 ms' },
    ended: { name: 'transactions ended', unit: '', digits: 0 },
    doubtful: { name: 'writes without an answer', unit: '', digits: 0 },
  },
  run: async (): Promise<Sample> => {
    const first = await measure('coordinates');
    const second = await measure('gtid');
    return {
      coordinates: first.block,
      gtid: second.block,
      ended: first.ended + second.ended,
      doubtful: first.doubtful + second.doubtful,
    };
  },
};

interface Measured {
  readonly block: number;
  readonly ended: number;
  readonly doubtful: number;
}

async function measure(mode: Cluster['mode']): Promise<Measured> {
  const cluster = await startCluster({ mode });
  try {
    const writer = await startWriter(cluster, { ratePerWorker: 200, hosts: ['db1', 'db2'], retryMs: 1 });
    await writer.more(400);
    const ended = await runSwitch(cluster);
    await writer.more(100);
    const lines = await writer.stop();
    const proof = await prove(cluster, lines, { servers: cluster.hosts.map(({ name }) => name) });
    if (proof.problems.length > 0) throw new Error(proof.problems.join('; '));
    return { block: writeBlock(lines), ended, doubtful: lines.filter(({ e }) => e === 'doubt').length };
  } finally {
    await cluster.stop();
  }
}

/** Gives how many transactions it says it ended. */
async function runSwitch(cluster: Cluster): Promise<number> {
  const child = startProduct(
    cluster,
    ['switch', '--new-master', 'db2', '--yes', '--json'],
    ['ignore', 'pipe', 'ignore'],
  );
  let text = '';
  child.stdout?.on('data', (piece: Buffer) => (text += String(piece)));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`the switch ended with exit code ${String(child.exitCode)}: ${text}`);
  const result: unknown = JSON.parse(text);
  const ended = typeof result === 'object' && result !== null && 'ended' in result ? result.ended : undefined;
  if (!Array.isArray(ended)) throw new Error('the switch does not say what it ended');
  return ended.length;
}

/** From the first write to the old source that did not succeed there to the first one that the new source took. */
export function writeBlock(lines: readonly WriterLine[]): number {
  const taken = lines.find((line) => line.e === 'ack' && line.s !== 1);
  const begun = new Map<string, bigint>();
  for (const line of lines) {
    if (line.e === 'try' && line.s === 1) begun.set(`${String(line.w)}:${String(line.n)}`, BigInt(line.t));
    if ((line.e === 'refused' || line.e === 'doubt') && line.s === 1) {
      const first = begun.get(`${String(line.w)}:${String(line.n)}`);
      if (first !== undefined && taken !== undefined) return Number(BigInt(taken.t) - first) / 1e6;
    }
  }
  throw new Error('no write was ever refused');
}
