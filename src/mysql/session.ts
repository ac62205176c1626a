import type { AskOptions, Row, Session } from '../ports/servers.js';
import type { Statement } from '../model/statement.js';
import { remaining } from './before-deadline.js';
import type { Connection } from './connection.js';
import type { Link } from './link.js';
import { readBinlogEnd } from './observe.js';

/** Runs statements one after the other; the deadline is for all of them. Stops at the first that fails. */
export async function runAll(
  connection: Connection,
  statements: readonly Statement[],
  options: AskOptions,
): Promise<void> {
  const since = performance.now();
  for (const item of statements) {
    await connection.ask(item, { ...options, deadlineMs: remaining(options.deadlineMs, since) });
  }
}

/** A connection as a held session. */
export function toSession(connection: Connection, link: Link): Session {
  return {
    run: (statements: readonly Statement[], options: AskOptions): Promise<void> =>
      runAll(connection, statements, options),
    ask: (item: Statement, options: AskOptions): Promise<readonly Row[]> => connection.ask(item, options),
    binlogEnd: async (options: AskOptions) =>
      readBinlogEnd(await link.identity(connection, options), connection, options),
    lost: connection.lost,
    close: (): void => {
      connection.close();
    },
  };
}
