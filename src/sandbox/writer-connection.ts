import mysql from 'mysql2/promise';
import { describeError } from '../model/fault.js';
import type { WriterPlan } from './writer-plan.js';

export interface WriterConnection {
  readonly serverId: number;
  /** `ack`: the server said it is committed. `refused`: certainly not stored. `doubt`: nobody said. */
  insert(
    table: string,
    row: readonly [number, number, string, Buffer],
  ): Promise<{ outcome: 'ack' | 'refused' | 'doubt'; text: string }>;
  /** The error's text, or undefined when it went well. */
  run(text: string): Promise<string | undefined>;
  usable(): boolean;
  close(): void;
}

/** Connects as an application would; a text says why it did not come about. */
export async function connectWriter(
  plan: WriterPlan,
  place: number,
  worker: number,
): Promise<WriterConnection | string> {
  const address = plan.addresses[place];
  if (address === undefined) return 'no such address';
  let connection: mysql.Connection;
  try {
    connection = await mysql.createConnection({
      host: address.host,
      port: address.port,
      user: plan.user,
      password: plan.password,
      charset: 'utf8mb4',
      connectTimeout: plan.answerWithinMs,
    });
  } catch (error) {
    return describeError(error);
  }
  let open = true;
  connection.on('error', () => (open = false));
  const close = (): void => {
    open = false;
    connection.destroy();
  };
  const ask = (text: string, values: readonly unknown[] = []): Promise<unknown> =>
    withLimit(connection.query({ sql: text, values: [...values] }), plan.answerWithinMs, close);
  const serverId = await readServerId(ask, plan, worker).catch((error: unknown) => {
    close();
    return describeError(error);
  });
  if (typeof serverId === 'string') return serverId;
  return {
    serverId,
    usable: () => open,
    close,
    run: (text) => ask(text).then(() => undefined, describeError),
    insert: async (table, row) => {
      try {
        await ask(`INSERT INTO ${table} (worker, n, words, payload) VALUES (?, ?, ?, ?)`, row);
        return { outcome: 'ack', text: '' };
      } catch (error) {
        // An error the server itself sent means that the row was rolled back; any other leaves it in doubt.
        const certain = error instanceof Error && 'sqlState' in error && typeof error.sqlState === 'string' && open;
        if (!certain) close();
        return { outcome: certain ? 'refused' : 'doubt', text: describeError(error) };
      }
    },
  };
}

async function readServerId(
  ask: (text: string) => Promise<unknown>,
  plan: WriterPlan,
  worker: number,
): Promise<number> {
  const answer = await ask('SELECT @@server_id AS id');
  if (plan.mix === 'varied' && worker === 1) await ask(plan.logByStatement);
  const rows: unknown = Array.isArray(answer) ? answer[0] : undefined;
  const row: unknown = Array.isArray(rows) ? rows[0] : undefined;
  return typeof row === 'object' && row !== null && 'id' in row ? Number(row.id) : 0;
}

/** The driver's own time-out leaves connection and statement as they are; a connection without an answer is ended. */
async function withLimit<T>(answer: Promise<T>, ms: number, giveUp: () => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, failed) => {
    timer = setTimeout(() => {
      giveUp();
      failed(new Error(`no answer within ${String(ms)} ms`));
    }, ms);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
