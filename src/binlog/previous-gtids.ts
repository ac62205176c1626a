import { type GtidInterval, type GtidSet, gtidSetOf } from '../model/gtid-mysql.js';
import { type ChecksumAlgorithm, checksumLength } from './checksum.js';
import { headerSize } from './header.js';
import { formatUuid } from './uuid.js';

/**
 * A GTID set in MySQL's binary form, as in PREVIOUS_GTIDS (35) and in a replica's dump request: count u64, then for
 * each UUID the number of intervals u64 and their bounds (i64 inclusive, i64 exclusive). Tagged form (8.3+): byte 7 of
 * the count is 1, the count is in bytes 1 to 6, and after each UUID comes a tag, its length in the variable-length
 * form whose lowest bit is 0 for a single byte.
 * Undefined when the bytes end before the set does.
 */
export function readGtidSet(bytes: Buffer, offset: number, end: number): GtidSet | undefined {
  if (offset + 8 > end) return undefined;
  const head = bytes.readBigUInt64LE(offset);
  const tagged = head >> 56n === 1n;
  const count = tagged ? (head >> 8n) & 0xffff_ffff_ffffn : head;
  const tracks: (readonly [string, readonly GtidInterval[]])[] = [];
  let at = offset + 8;
  for (let i = 0n; i < count; i++) {
    if (at + 16 > end) return undefined;
    let track = formatUuid(bytes, at);
    at += 16;
    if (tagged) {
      if (at >= end) return undefined;
      const length = bytes.readUInt8(at) >> 1;
      if (at + 1 + length > end) return undefined;
      if (length > 0) track += `:${bytes.toString('latin1', at + 1, at + 1 + length)}`;
      at += 1 + length;
    }
    const found = readIntervals(bytes, at, end);
    if (found === undefined) return undefined;
    tracks.push([track, found.intervals]);
    at = found.end;
  }
  return gtidSetOf(tracks);
}

function readIntervals(
  bytes: Buffer,
  offset: number,
  end: number,
): { readonly intervals: readonly GtidInterval[]; readonly end: number } | undefined {
  if (offset + 8 > end) return undefined;
  const count = Number(bytes.readBigUInt64LE(offset));
  const first = offset + 8;
  if (first + count * 16 > end) return undefined;
  const intervals: GtidInterval[] = [];
  for (let at = first; at < first + count * 16; at += 16) {
    intervals.push({ first: bytes.readBigInt64LE(at), last: bytes.readBigInt64LE(at + 8) - 1n });
  }
  return { intervals, end: first + count * 16 };
}

/** The set a PREVIOUS_GTIDS event names: everything that was in the files before this one. */
export function parsePreviousGtids(event: Buffer, algorithm: ChecksumAlgorithm): GtidSet | undefined {
  return readGtidSet(event, headerSize, event.length - checksumLength(algorithm));
}
