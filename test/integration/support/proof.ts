/**
 * What all proofs on real servers share: a stage with cluster, writer and the product's command line, and a judge that
 * reads the servers, the writer's log and the files by itself.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Cluster, ClusterOptions } from '../../../src/sandbox/cluster.js';
import type { Family } from '../../../src/sandbox/family/family.js';
import { prove, type Proof } from '../../../src/sandbox/proof.js';
import { type RowId, rowId } from '../../../src/sandbox/proof-reader.js';
import { replicationRuns } from '../../../src/sandbox/replication.js';
import { startWriter, type Writer, type WriterOptions } from '../../../src/sandbox/writer.js';
import { acknowledged, type WriterLine } from '../../../src/sandbox/writer-log.js';
import { watchForCanary } from './canary.js';
import { binlogsOf, rowsInBinlogs } from './dead-disk.js';
import { type ProductRun, type RunFolder, runFolderOf, startProduct, watching } from './product.js';
import { withCluster } from './with-cluster.js';

export interface Stage {
  readonly cluster: Cluster;
  readonly writer: Writer;
  /** Starts the manager and waits until it watches db1. */
  readonly manager: (...flags: string[]) => Promise<ProductRun>;
  /** Starts any command of the product. */
  readonly product: (...words: string[]) => ProductRun;
  /** SIGKILL to the source, and nothing else: its host lives. */
  readonly killSource: () => Promise<void>;
  /** From here on the outage is counted. */
  readonly dies: () => void;
  readonly judge: (expectation?: Expectation) => Promise<Judgement>;
}

export interface StageOptions extends ClusterOptions {
  readonly writer?: WriterOptions;
  /** The source runs below a supervisor that starts it again after this long. */
  readonly restartDelayMs?: number;
}

export interface Expectation {
  /** Servers that must be identical and follow the new source, which is one of them; default all replicas. */
  readonly servers?: readonly string[];
  /** How often writing went back on purpose to a server that had it before. */
  readonly returns?: number;
  /** Rows that only an unreachable or torn disk held; default none: then nothing acknowledged may be missing. */
  readonly beyondReach?: (row: RowId) => boolean;
}

export interface Judgement {
  readonly family: Family;
  readonly proof: Proof;
  readonly lines: readonly WriterLine[];
  /** Acknowledged by db1 before it died. */
  readonly onOldSource: readonly RowId[];
  readonly run: RunFolder | undefined;
}

/** Runs a test on a stage of its own. Whatever it does, no password may show anywhere. */
export async function onStage(options: StageOptions, test: (stage: Stage) => Promise<void>): Promise<void> {
  await withCluster(options, async (cluster) => {
    const runs: ProductRun[] = [];
    const canary = watchForCanary(cluster);
    try {
      await supervise(cluster, options.restartDelayMs);
      const writer = await startWriter(cluster, { ratePerWorker: 100, ...options.writer });
      await test(stageOf(cluster, writer, runs));
      await end(runs);
      const leaks = canary.stop(...runs.map((run) => run.text()));
      expect(leaks, leaks.join('; ')).toEqual([]);
    } catch (error) {
      canary.stop();
      await end(runs);
      await keepOutputs(cluster, runs);
      throw error;
    }
  });
}

async function supervise(cluster: Cluster, restartDelayMs: number | undefined): Promise<void> {
  if (restartDelayMs === undefined) return;
  await cluster.startSupervised('db1', { restartDelayMs });
  for (const { name, server } of cluster.hosts.slice(1)) await replicationRuns(server, name);
}

async function end(runs: readonly ProductRun[]): Promise<void> {
  for (const run of runs) {
    if (run.running()) run.signal('SIGKILL');
    await run.end();
  }
}

async function keepOutputs(cluster: Cluster, runs: readonly ProductRun[]): Promise<void> {
  for (const [index, run] of runs.entries())
    await writeFile(join(cluster.folder, `output-${String(index + 1)}-${run.name}.txt`), run.text());
}

function stageOf(cluster: Cluster, writer: Writer, runs: ProductRun[]): Stage {
  let killedAt: bigint | undefined;
  const product = (...words: string[]): ProductRun => {
    const run = startProduct(cluster, words);
    runs.push(run);
    return run;
  };
  const dies = (): void => void (killedAt ??= process.hrtime.bigint());
  return {
    cluster,
    writer,
    product,
    manager: async (...flags) => {
      const run = product('manager', ...flags);
      await watching(cluster, run);
      return run;
    },
    dies,
    killSource: async () => {
      dies();
      await cluster.killServer('db1');
    },
    judge: (expectation = {}) => judge(cluster, writer, killedAt, expectation),
  };
}

async function judge(
  cluster: Cluster,
  writer: Writer,
  killedAt: bigint | undefined,
  { servers, returns, beyondReach }: Expectation,
): Promise<Judgement> {
  const lines = await writer.stop();
  const proof = await prove(cluster, lines, {
    ...(servers === undefined ? {} : { servers }),
    ...(returns === undefined ? {} : { returns }),
    ...(killedAt === undefined ? {} : { killedAt }),
  });
  const excused = beyondReach ?? (() => false);
  const lossIsExcused = beyondReach !== undefined && proof.lost.every(excused);
  // The sentence on lost rows is taken back only where every single row of it was out of reach.
  const problems = proof.problems.filter((text) => !(lossIsExcused && text.startsWith('acknowledged rows lost')));
  expect(problems, problems.join('; ')).toEqual([]);
  expect(proof.writable).toHaveLength(1);
  expect(await isWritable(cluster, 'db1'), 'db1 takes writes').toBe(proof.writable[0] === 'db1');
  const onOldSource = acknowledged(lines)
    .filter((ack) => ack.server === 1)
    .map((ack) => rowId(ack.worker, ack.n));
  return { family: cluster.family, proof, lines, onOldSource, run: runFolderOf(cluster) };
}

/** A server without a process takes no writes. One that lives is asked. */
export async function isWritable(cluster: Cluster, name: string): Promise<boolean> {
  if (cluster.host(name).server.pid() === undefined) return false;
  const [row] = await cluster.sql(name, 'SELECT @@global.read_only AS closed');
  return row?.['closed'] === '0';
}

/**
 * What the report calls lost, without a transaction that SIGKILL has cut in two: the kernel ends a write between two
 * pages, so that any kill below writes may leave one, and no client was told of it. The judge counts what they were told.
 */
export function lossesOf(run: RunFolder | undefined): readonly string[] {
  const sentences = run?.report.losses ?? ['there is no report'];
  return sentences.filter((text) => !text.endsWith('has told no client that this transaction was committed.'));
}

/**
 * Acknowledged rows that are on the dead source's disk and on no replica. There must be some, or a test proves nothing.
 * `torn`: the disk's last file does not end well, and the family's own program says so.
 */
export async function onDeadDiskOnly(
  cluster: Cluster,
  { onOldSource }: Judgement,
  anywhere: ReadonlySet<RowId>,
  end: 'whole' | 'torn' = 'whole',
): Promise<readonly RowId[]> {
  const onDisk = new Set(await rowsInBinlogs(cluster.family, binlogsOf(cluster, 'db1'), end));
  const only = onOldSource.filter((id) => onDisk.has(id) && !anywhere.has(id));
  expect(only.length).toBeGreaterThan(0);
  return only;
}

/** The saved tail is a binary log that the family's own program reads, and these rows are in it. */
export async function expectSaved({ run, family }: Judgement, rows: readonly RowId[]): Promise<void> {
  const files = run?.saved ?? [];
  expect(files.length).toBeGreaterThan(0);
  const saved = new Set(await rowsInBinlogs(family, files));
  expect(rows.filter((id) => !saved.has(id))).toEqual([]);
}
