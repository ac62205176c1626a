import { type Statement, statement } from '../model/statement.js';

/** The engine's own report. Its text is as old as InnoDB, and no character in it stops it. */
export const showInnodbStatus: Statement = statement('SHOW ENGINE INNODB STATUS');

/** A transaction that a connection has open and that changed or locked something. */
export interface ReportedTransaction {
  readonly id: string;
  readonly connectionId: number;
  readonly seconds: number;
}

/** Undefined when the report leaves some of them out, as it does when it would become larger than 1 MiB. */
export function readInnodbStatus(report: string): readonly ReportedTransaction[] | undefined {
  if (report.includes('truncated...')) return undefined;
  return report
    .split(/^---TRANSACTION /m)
    .slice(1)
    .flatMap(readTransaction);
}

/**
 * `1556, ACTIVE 51 sec`, then a line that counts locks and changes, then the connection, then what runs there. One without a
 * connection is prepared (XA) or the server's own.
 */
function readTransaction(block: string): readonly ReportedTransaction[] {
  const head = /^(\d+), ACTIVE (?:\([^)]*\) )?(\d+) sec[^\n]*\n(?:mysql tables in use[^\n]*\n)?([^\n]*)\n/.exec(block);
  const connection = /^MySQL thread id (\d+), /m.exec(block);
  const [, id, seconds, counts = ''] = head ?? [];
  if (id === undefined || connection?.[1] === undefined) return [];
  const touches = [/(\d+) lock struct/, /(\d+) row lock/, /undo log entries (\d+)/].some(
    (pattern) => Number(pattern.exec(counts)?.[1] ?? 0) > 0,
  );
  return touches ? [{ id, connectionId: Number(connection[1]), seconds: Number(seconds) }] : [];
}
