/**
 * What the writer does, told to its process on standard input (a password must not be in its arguments).
 * `plain`: short rows. `varied`: each worker its own kind - row format with four-byte characters, statement format,
 * blobs, and rows between changes of the schema.
 */
export interface WriterPlan {
  readonly addresses: readonly { readonly host: string; readonly port: number }[];
  readonly user: string;
  readonly password: string;
  readonly logFile: string;
  readonly workers: number;
  readonly rowBytes: number;
  /** Rows per second of each worker; 0 as fast as they are acknowledged. */
  readonly ratePerWorker: number;
  readonly mix: 'plain' | 'varied';
  /** What a session says to have its own statements logged as text. */
  readonly logByStatement: string;
  /** After this long without an answer a connection is given up, its row in doubt. */
  readonly answerWithinMs: number;
  readonly retryMs: number;
}

/**
 * Two tables: a row applied twice breaks replication in the first and shows as a second copy in the other.
 */
export const tables = {
  unique: 'app.entries',
  loose: 'app.ledger',
} as const;

export const tableStatements = `
CREATE TABLE IF NOT EXISTS app.entries (worker INT NOT NULL, n BIGINT NOT NULL, words VARCHAR(200) NOT NULL,
  payload LONGBLOB NOT NULL, PRIMARY KEY (worker, n)) ENGINE=InnoDB;
CREATE TABLE IF NOT EXISTS app.ledger (worker INT NOT NULL, n BIGINT NOT NULL, words VARCHAR(200) NOT NULL,
  payload LONGBLOB NOT NULL, KEY (worker, n)) ENGINE=InnoDB`;

/** Where a row goes, so that both tables fill evenly. */
export function tableOf(n: number): string {
  return n % 2 === 0 ? tables.unique : tables.loose;
}

export function isWriterPlan(value: unknown): value is WriterPlan {
  return typeof value === 'object' && value !== null && 'addresses' in value && 'logFile' in value && 'mix' in value;
}
