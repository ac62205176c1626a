import { headerSize } from './header.js';

/** What a query event's text means for the bounds of transactions. */
export type QueryRole = 'begin' | 'commit' | 'xa-end' | 'statement';

const postHeaderSize = 13;
const databaseLengthOffset = headerSize + 8;
const statusLengthOffset = headerSize + 11;

/** A role is in the first words; the longest that matters is `XA ROLLBACK`. */
const wordsLooked = 16;

/** Event bytes up to here are enough to know the role: u16 of status variables, u8 of database name, the words. */
export const queryHeadSize: number = headerSize + postHeaderSize + 65_535 + 256 + wordsLooked;

/**
 * Finds the role from the event's first bytes (up to `queryHeadSize`); `end` is where the text ends in the event (its
 * size less the checksum). Statements that only look similar (`ROLLBACK TO`, `BEGIN NOT ATOMIC`) are told apart by
 * comparing the whole text: servers write the bare word themselves, in capitals.
 */
export function queryRole(event: Buffer, end: number): QueryRole {
  if (event.length < headerSize + postHeaderSize) return 'statement';
  const textStart =
    headerSize + postHeaderSize + event.readUInt16LE(statusLengthOffset) + event.readUInt8(databaseLengthOffset) + 1;
  const length = end - textStart;
  const head = event.toString('latin1', textStart, Math.min(textStart + wordsLooked, end, event.length)).toUpperCase();
  if (length <= wordsLooked) {
    const whole = head.trimEnd();
    if (whole === 'BEGIN') return 'begin';
    if (whole === 'COMMIT' || whole === 'ROLLBACK') return 'commit';
  }
  if (/^XA (?:START|BEGIN)\s/.test(head)) return 'begin';
  return /^XA (?:COMMIT|ROLLBACK)\s/.test(head) ? 'xa-end' : 'statement';
}
