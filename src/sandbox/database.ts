import { userInfo } from 'node:os';
import type { Connection } from 'mysql2/promise';
import mysql from 'mysql2/promise';

/**
 * The sandbox's own way to a server, apart from the product's: what proves the product must not share its code.
 * Values come as text or null, so nothing is lost to number types.
 */
export type TextRow = Readonly<Record<string, string | null>>;

export interface SqlDoor {
  /** One statement or several, separated by `;`. Rows of the last one that gave any. */
  query(text: string): Promise<readonly TextRow[]>;
  close(): void;
}

/** Logs in over the Unix socket as the operating-system user that we are; no password exists. */
export async function openSocket(socketPath: string): Promise<SqlDoor> {
  const connection = await mysql.createConnection({
    socketPath,
    user: userInfo().username,
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    typeCast: (field) => field.string(),
    connectTimeout: 5_000,
    // The server takes the user from the socket itself; its plugin only wants an empty answer.
    authPlugins: { unix_socket: () => () => Buffer.alloc(0) },
  });
  connection.on('error', () => undefined); // a killed server; the next query says it
  return { query: (text) => ask(connection, text), close: () => connection.destroy() };
}

async function ask(connection: Connection, text: string): Promise<readonly TextRow[]> {
  const [result]: [unknown, unknown] = await connection.query(text);
  if (!Array.isArray(result)) return [];
  const parts: readonly unknown[] = result;
  const sets = parts.filter((part): part is readonly unknown[] => Array.isArray(part));
  return (sets.at(-1) ?? parts).filter(isTextRow);
}

/** What a statement without rows gives is an object of another class. */
function isTextRow(row: unknown): row is TextRow {
  return typeof row === 'object' && row !== null && !('affectedRows' in row);
}
