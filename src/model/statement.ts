import { Secret } from './secret.js';

/**
 * One SQL statement as data. The dialect makes it, the executor runs exactly it, `--dry-run` prints exactly it.
 * Values are bound on the client with the driver's escaping, since replication statements take no placeholders
 * on the server; a Secret prints as asterisks.
 */
export interface Statement {
  /** Text with `?` where the values go. */
  readonly text: string;
  readonly values: readonly (string | number | Secret)[];
}

export function statement(text: string, ...values: readonly (string | number | Secret)[]): Statement {
  return { text, values };
}

/** The statement as a person reads it: values filled in, secrets masked. */
export function formatStatement(item: Statement): string {
  let index = 0;
  return item.text.replaceAll('?', () => {
    const value = item.values[index++];
    if (value instanceof Secret) return `'${value.toString()}'`;
    if (typeof value === 'number') return String(value);
    return `'${String(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  });
}
