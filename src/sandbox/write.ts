/**
 * The writer's process, started in the client's host by `startWriter`: reads its plan from standard input, writes until
 * SIGTERM (or until its standard input ends, so that it never outlives its parent), and flushes its log.
 */
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createInterface } from 'node:readline';
import { formatLine, type WriterLine } from './writer-log.js';
import { isWriterPlan, type WriterPlan } from './writer-plan.js';
import { work } from './writer-worker.js';

async function run(plan: WriterPlan, signal: AbortSignal): Promise<void> {
  const file = createWriteStream(plan.logFile, { flags: 'a' });
  const log = (line: WriterLine): void => void file.write(formatLine(line));
  const workers = Array.from({ length: plan.workers }, (_, worker) => work(plan, worker, log, signal));
  await Promise.all(workers);
  log({ e: 'end', t: String(process.hrtime.bigint()) });
  file.end();
  await finished(file);
}

const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
process.once('SIGINT', () => stop.abort());
const input = createInterface(process.stdin);
input.once('line', (text) => {
  const plan: unknown = JSON.parse(text);
  if (!isWriterPlan(plan)) throw new Error('The writer was given no plan.');
  void run(plan, stop.signal).finally(() => input.close());
});
input.once('close', () => stop.abort());
