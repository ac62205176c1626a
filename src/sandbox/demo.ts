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
import { type FamilyName, familyNames, type ReplicationMode } from './family/family.js';
import { holds, tell, tellProof } from './demo-words.js';
import { startProduct, watching } from './manager.js';
import { prove } from './proof.js';
import { rowId } from './proof-reader.js';
import { makeTail } from './tail.js';
import { within } from './wait.js';
import { startWriter } from './writer.js';
import { acknowledged } from './writer-log.js';

const help = `npm run demo [-- --family ${familyNames.join('|')}] [--mode coordinates|gtid] [--keep]
A real cluster, a real death, the manager in this terminal, and a proof that does not ask the manager.
  --family  what the servers are (default mariadb; mysql97 is MySQL of Debian's unstable suite, and needs root once)
  --mode    how replicas follow: by file and position (coordinates, the default) or by GTID
  --keep    leave the cluster's files for reading
`;

interface DemoOptions {
  readonly family: FamilyName;
  readonly mode: ReplicationMode;
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

/** Undefined when only the help was asked for. */
function readOptions(): DemoOptions | undefined {
  const { values } = parseArgs({
    options: {
      family: { type: 'string', default: 'mariadb' },
      mode: { type: 'string', default: 'coordinates' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const family = familyNames.find((name) => name === values.family);
  if (family === undefined) throw new Error(`--family is one of ${familyNames.join(', ')}, not ${values.family}`);
  if (values.mode !== 'coordinates' && values.mode !== 'gtid') {
    throw new Error(`--mode is coordinates or gtid, not ${values.mode}`);
  }
  return { family, mode: values.mode, keep: values.keep };
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return;
  }
  const begun = performance.now();
  const cluster = await startCluster({ servers: 4, family: options.family, mode: options.mode });
  process.once('SIGINT', () => void cluster.stop().finally(() => process.exit(130)));
  const took = ((performance.now() - begun) / 1000).toFixed(1);
  const where =
    cluster.lab === 'namespaces'
      ? 'each on a host of its own'
      : 'each on a loopback address (no namespaces allowed here)';
  const [version] = await cluster.sql('db1', 'SELECT VERSION() AS text');
  const servers = `${cluster.family.title} ${version?.['text'] ?? ''}`;
  tell(`${servers}: source db1, replicas db2 db3 db4, ${where}, with sshd (${options.mode}; started in ${took} s).`);
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
