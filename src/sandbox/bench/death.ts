import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../cluster-shape.js';
import { prove } from '../proof.js';
import { within } from '../wait.js';
import type { Writer } from '../writer.js';
import { acknowledged, type WriterLine } from '../writer-log.js';

export interface Death {
  /** Longest time without an acknowledged row. */
  readonly outageMs: number;
  /** From the moment the manager was certain to the first row that the new source acknowledged. */
  readonly certainToWritableMs: number;
}

/** Kills the source, waits for the manager's end and for writing to go on, and refuses a run that lost anything. */
export async function killAndMeasure(cluster: Cluster, writer: Writer, manager: ChildProcess): Promise<Death> {
  const ended = once(manager, 'exit');
  const killedAt = process.hrtime.bigint();
  await cluster.killServer('db1', 'SIGKILL');
  await within(ended, 'see the manager finish', 600_000);
  if (manager.exitCode !== 0) throw new Error(`the manager ended with exit code ${String(manager.exitCode)}`);
  await writer.more(40);
  const lines = await writer.stop();
  const proof = await prove(cluster, lines, { killedAt });
  if (proof.problems.length > 0) throw new Error(proof.problems.join('; '));
  return { outageMs: proof.outage?.ms ?? Number.NaN, certainToWritableMs: firstWrite(lines) - certain(cluster) };
}

/** Wall clock in milliseconds; the writer's own clock is the machine's monotonic one. */
function firstWrite(lines: readonly WriterLine[]): number {
  const first = acknowledged(lines).find(({ server }) => server !== 1);
  if (first === undefined) throw new Error('nobody but the old source ever took a row');
  return Date.now() - Number(process.hrtime.bigint() - first.at) / 1e6;
}

/** When the run began: right after the manager was certain. */
function certain(cluster: Cluster): number {
  const folder = readdirSync(cluster.workdir).find((name) => name.startsWith('app1-') && !name.endsWith('-switch'));
  if (folder === undefined) throw new Error('the manager left no run behind');
  const report: unknown = JSON.parse(readFileSync(join(cluster.workdir, folder, 'report.json'), 'utf8'));
  if (typeof report !== 'object' || report === null || !('startedWall' in report)) throw new Error('no startedWall');
  return Number(report.startedWall);
}
