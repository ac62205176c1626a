import type { MariadbGtid } from '../model/gtid-mariadb.js';
import { type ChecksumAlgorithm, checksumLength } from './checksum.js';
import { headerSize } from './header.js';

const entrySize = 16;
/** The upper four bits of the count are flags. */
const countMask = 0x0fff_ffff;

/**
 * MariaDB's GTID_LIST event (163), near the head of each file: the binary log's state before it, one entry per domain
 * and server, each domain's newest last. Count u32, then domain u32, server u32, sequence u64. Undefined when cut short.
 */
export function parseGtidList(event: Buffer, algorithm: ChecksumAlgorithm): readonly MariadbGtid[] | undefined {
  const end = event.length - checksumLength(algorithm);
  if (headerSize + 4 > end) return undefined;
  const count = event.readUInt32LE(headerSize) & countMask;
  const first = headerSize + 4;
  if (first + count * entrySize > end) return undefined;
  const list: MariadbGtid[] = [];
  for (let at = first; at < first + count * entrySize; at += entrySize) {
    list.push({
      domain: event.readUInt32LE(at),
      server: event.readUInt32LE(at + 4),
      sequence: event.readBigUInt64LE(at + 8),
    });
  }
  return list;
}
