import { firstPosition } from '../model/coordinates.js';
import { clearInUse } from './description.js';
import { binlogMagic } from './header.js';

/**
 * How a fetched range is laid out as a file of its own that `mysqlbinlog` reads: magic, the source file's description
 * with its in-use flag off, then the range's bytes as they are. Pure: whoever owns the file writes at these offsets.
 *
 *     const layout = layOutSavedFile(description, from);
 *     write layout.head at 0; write what starts at position p at layout.offsetOf(p); at the end truncate to
 *     layout.offsetOf(verifiedUpTo)
 *
 * Where the range is the file from its beginning (`from` 4), position and offset are the same and `head` lies over the
 * range's first bytes: write it again after them (or leave those out), it is the same but for the in-use flag.
 * Events inside keep their log_pos, which is the source's: what `mysqlbinlog` prints are the source's positions.
 */
export interface SavedFileLayout {
  readonly head: Buffer;
  offsetOf(position: number): number;
}

export function layOutSavedFile(description: Buffer, from: number): SavedFileLayout {
  const head = Buffer.concat([binlogMagic, clearInUse(description)]);
  // A range that begins inside the description cannot be: the next event starts where the description ends.
  const shift = from <= firstPosition ? 0 : head.length - from;
  return { head, offsetOf: (position) => position + shift };
}
