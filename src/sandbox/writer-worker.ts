import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectWriter, type WriterConnection } from './writer-connection.js';
import type { WriterLine } from './writer-log.js';
import { tableOf, type WriterPlan } from './writer-plan.js';

type Log = (line: WriterLine) => void;

const now = (): string => String(process.hrtime.bigint());

/**
 * One worker: it inserts row after row where the last one was taken. A refusal (read-only, no connection) sends it to
 * the next address with the same row; an answer that never came leaves that row in doubt, and it goes on with the next.
 */
export async function work(plan: WriterPlan, worker: number, log: Log, signal: AbortSignal): Promise<void> {
  const connections = new Map<number, WriterConnection>();
  let place = 0;
  let n = 1;
  while (!signal.aborted) {
    const outcome = await attempt(plan, worker, n, place, connections, log);
    if (outcome !== 'refused') n += 1;
    if (outcome === 'ack') {
      if (plan.ratePerWorker > 0) await sleep(1000 / plan.ratePerWorker);
    } else {
      place = (place + 1) % plan.addresses.length;
      await sleep(plan.retryMs);
    }
  }
  for (const connection of connections.values()) connection.close();
}

async function attempt(
  plan: WriterPlan,
  worker: number,
  n: number,
  place: number,
  connections: Map<number, WriterConnection>,
  log: Log,
): Promise<'ack' | 'refused' | 'doubt'> {
  const connection = connections.get(place) ?? (await connectWriter(plan, place, worker));
  if (typeof connection === 'string') {
    log({ e: 'error', t: now(), w: worker, s: 0, text: connection });
    return 'refused';
  }
  connections.set(place, connection);
  const s = connection.serverId;
  if (plan.mix === 'varied' && worker === 3 && n % 50 === 0) await changeSchema(connection, worker, n, log);
  log({ e: 'try', t: now(), w: worker, n, s });
  const answer = await connection.insert(tableOf(n), [worker, n, wordsFor(plan, worker, n), payloadFor(plan, worker)]);
  if (answer.outcome !== 'ack') log({ e: 'error', t: now(), w: worker, s, text: answer.text });
  log({ e: answer.outcome, t: now(), w: worker, n, s });
  if (!connection.usable()) connections.delete(place);
  return answer.outcome;
}

/** DDL in the stream of rows: a table comes, changes and goes; failures are the failing server's and only logged. */
async function changeSchema(connection: WriterConnection, worker: number, n: number, log: Log): Promise<void> {
  const name = `app.side_${String(worker)}`;
  const statements = [
    `CREATE TABLE IF NOT EXISTS ${name} (a INT) ENGINE=InnoDB`,
    `ALTER TABLE ${name} ADD COLUMN c${String(n)} VARCHAR(20) DEFAULT '\u00fc\u{1f409}'`,
    `INSERT INTO ${name} (a) VALUES (${String(n)})`,
  ];
  if (n % 500 === 0) statements.push(`DROP TABLE ${name}`);
  for (const text of statements) {
    const error = await connection.run(text);
    if (error !== undefined) {
      log({ e: 'error', t: now(), w: worker, s: connection.serverId, text: error });
      return;
    }
  }
  log({ e: 'ddl', t: now(), w: worker, s: connection.serverId });
}

function wordsFor(plan: WriterPlan, worker: number, n: number): string {
  return plan.mix === 'varied'
    ? `row ${String(n)} of worker ${String(worker)}: \u00e4\u00f6\u00fc \u6f22\u5b57 \u{1f409}`
    : `row ${String(n)}`;
}

function payloadFor(plan: WriterPlan, worker: number): Buffer {
  const blob = plan.mix === 'varied' && worker === 2;
  return blob ? randomBytes(64 * 1024 + plan.rowBytes) : randomBytes(plan.rowBytes);
}
