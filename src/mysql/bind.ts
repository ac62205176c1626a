import { Secret } from '../model/secret.js';
import type { Statement } from '../model/statement.js';

/**
 * The text that is sent: values escaped and put in place of each `?`. Here, and at login, is where a secret is revealed.
 * The escaping uses backslashes, so sessions run with an sql_mode that understands them (see `session-setup.ts`).
 */
export function bind(item: Statement, escape: (value: string | number) => string): string {
  const pieces = item.text.split('?');
  if (pieces.length !== item.values.length + 1) {
    throw new Error(`${String(item.values.length)} values for the placeholders of "${item.text}"`);
  }
  return pieces
    .map((piece, index) => {
      const value = item.values[index];
      if (value === undefined) return piece;
      return piece + escape(value instanceof Secret ? value.reveal() : value);
    })
    .join('');
}
