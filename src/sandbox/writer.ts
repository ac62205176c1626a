import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '../model/fault.js';
import type { Cluster } from './cluster-shape.js';
import { checkout } from './places.js';
import { until } from './wait.js';
import { readWriterLog, type WriterLine } from './writer-log.js';
import { tableStatements, type WriterPlan } from './writer-plan.js';

export type WriterOptions = Partial<
  Pick<WriterPlan, 'workers' | 'rowBytes' | 'ratePerWorker' | 'mix' | 'answerWithinMs' | 'retryMs'>
> & {
  /** Hosts in the order in which they are tried; default all database hosts. */
  readonly hosts?: readonly string[];
  /** Where it connects instead of the hosts' own addresses. */
  readonly addresses?: WriterPlan['addresses'];
};

export interface Writer {
  readonly logFile: string;
  /** Acknowledged rows so far (as far as the log is written out). */
  acknowledged(): number;
  /** Resolves when that many rows more than now are acknowledged. */
  more(rows: number, deadlineMs?: number): Promise<void>;
  /** Ends it and gives its whole log. */
  stop(): Promise<readonly WriterLine[]>;
}

/** Makes the writer's tables on the first host and starts it in the host `client`. */
export async function startWriter(cluster: Cluster, options: WriterOptions = {}): Promise<Writer> {
  const program = join(checkout, 'dist', 'sandbox', 'write.js');
  if (!existsSync(program)) {
    throw new Fault('SANDBOX_FAILED', { what: 'start the writer', message: `${program} is not built` });
  }
  const names = options.hosts ?? cluster.hosts.map((host) => host.name);
  await cluster.sql(names[0] ?? 'db1', tableStatements);
  const logFile = join(cluster.folder, `writer-${String(process.hrtime.bigint())}.jsonl`);
  const child = cluster.spawnIn('client', ['node', program], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaint = '';
  child.stderr?.on('data', (piece: Buffer) => (complaint += String(piece)));
  child.stdin?.on('error', () => undefined);
  child.stdin?.write(`${JSON.stringify(planOf(cluster, names, logFile, options))}\n`);
  const writer = handle(child, logFile, () => complaint);
  await writer.more(1);
  return writer;
}

function planOf(cluster: Cluster, names: readonly string[], logFile: string, options: WriterOptions): WriterPlan {
  const { user, password } = cluster.accounts.app;
  return {
    addresses:
      options.addresses ?? names.map((name) => ({ host: cluster.host(name).address, port: cluster.host(name).port })),
    user,
    password: password.reveal(),
    logFile,
    workers: options.workers ?? 4,
    rowBytes: options.rowBytes ?? 100,
    ratePerWorker: options.ratePerWorker ?? 0,
    mix: options.mix ?? 'plain',
    logByStatement: cluster.family.logByStatement,
    answerWithinMs: options.answerWithinMs ?? 1000,
    retryMs: options.retryMs ?? 20,
  };
}

function handle(child: ChildProcess, logFile: string, complaint: () => string): Writer {
  const count = (): number => (existsSync(logFile) ? acknowledgedCount(logFile) : 0);
  return {
    logFile,
    acknowledged: count,
    more: async (rows, deadlineMs = 30_000) => {
      const goal = count() + rows;
      const enough = (): boolean => count() >= goal;
      await until(enough, { what: `see ${String(rows)} rows written`, deadlineMs, everyMs: 50, epitaph: complaint });
    },
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const gone = once(child, 'exit');
        child.kill('SIGTERM');
        await gone;
      }
      return readWriterLog(logFile);
    },
  };
}

function acknowledgedCount(logFile: string): number {
  return statSync(logFile).size === 0 ? 0 : readFileSync(logFile, 'utf8').split('{"e":"ack"').length - 1;
}
