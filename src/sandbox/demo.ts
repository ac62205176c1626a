/**
 * `npm run demo`: a real cluster, a real death, the manager in this terminal, and a proof that does not ask the manager.
 * Exit 0 only if the proof holds.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import chalk from 'chalk';
import { describeError } from '../model/fault.js';
import { startCluster } from './cluster.js';
import type { Cluster } from './cluster-shape.js';
import { holds, tell, tellProof } from './demo-words.js';
import { startProduct, watching } from './manager.js';
import { prove } from './proof.js';
import { rowId } from './proof-reader.js';
import { makeTail } from './tail.js';
import { within } from './wait.js';
import { startWriter } from './writer.js';
import { acknowledged } from './writer-log.js';

interface DemoOptions {
  readonly mode: 'coordinates' | 'gtid';
  readonly keep: boolean;
}

async function demo(cluster: Cluster): Promise<boolean> {
  const writer = await startWriter(cluster, { ratePerWorker: 200 });
  tell('A writer with 4 connections inserts rows into db1 and notes each one that is acknowledged.');
  tell('mha-ts manager starts on a host of its own and watches db1:');
  const manager = startProduct(cluster, ['manager'], ['ignore', 'inherit', 'inherit']);
  const ended = once(manager, 'exit');
  await watching(cluster, manager);
  const tail = await makeTail(cluster, writer, 300);
  const places = [...tail.held].map(([name, rows]) => `${name} ${String(rows)}`).join(', ');
  tell(`The replicas' receivers were stopped one after another. Rows they hold: ${places}.`);
  const killedAt = process.hrtime.bigint();
  await cluster.killServer('db1', 'SIGKILL');
  tell(chalk.red.bold('kill -9: db1 is dead. The newest rows are on its disk only.'));
  await within(ended, 'see the manager finish', 180_000);
  const { exitCode } = manager;
  if (exitCode === 0) await writer.more(200);
  const lines = await writer.stop();
  const proof = await prove(cluster, lines, { killedAt });
  const lost = new Set(proof.lost);
  const only = acknowledged(lines)
    .filter((ack) => ack.server === 1)
    .map((ack) => rowId(ack.worker, ack.n))
    .filter((id) => !tail.anywhere.has(id));
  const rescued = only.filter((id) => !lost.has(id)).length;
  const result = { proof, onDeadDiskOnly: only.length, rescued, managerExit: exitCode };
  tellProof(result);
  return holds(result);
}

function readOptions(): DemoOptions {
  const { values } = parseArgs({
    options: { mode: { type: 'string', default: 'coordinates' }, keep: { type: 'boolean', default: false } },
  });
  if (values.mode !== 'coordinates' && values.mode !== 'gtid') {
    throw new Error(`--mode is coordinates or gtid, not ${values.mode}`);
  }
  return { mode: values.mode, keep: values.keep };
}

async function main(): Promise<void> {
  const options = readOptions();
  const begun = performance.now();
  const cluster = await startCluster({ servers: 4, mode: options.mode });
  process.once('SIGINT', () => void cluster.stop().finally(() => process.exit(130)));
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  const where =
    cluster.lab === 'namespaces'
      ? 'each on a host of its own'
      : 'each on a loopback address (no namespaces allowed here)';
  tell(`MariaDB: source db1, replicas db2 db3 db4, ${where}, with sshd (${options.mode}; started in ${took} s).`);
  let proven = false;
  try {
    proven = await demo(cluster);
  } finally {
    const kept = await cluster.stop({ keep: options.keep || !proven });
    if (kept !== undefined) tell(`Everything is kept for reading in ${kept}`);
  }
  process.exitCode = proven ? 0 : 1;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${chalk.red(describeError(error))}\n`);
  process.exitCode = 1;
});
