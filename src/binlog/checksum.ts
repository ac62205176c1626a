import { crc32 } from 'node:zlib';
import { shortCrc32, shortLength } from './short-crc.js';

/** What the last bytes of each event are: nothing, or the CRC-32 (zlib's) of everything before them. */
export type ChecksumAlgorithm = 'none' | 'crc32';

export const checksumSize = 4;

export function checksumLength(algorithm: ChecksumAlgorithm): number {
  return algorithm === 'crc32' ? checksumSize : 0;
}

/** CRC-32 of a piece; give the result of the pieces before as `running`. */
export function extendChecksum(piece: Buffer, running = 0): number {
  return crc32(piece, running);
}

/** CRC-32 of the bytes from `start` to `end`. */
export function checksumOf(bytes: Buffer, start: number, end: number): number {
  return end - start <= shortLength ? shortCrc32(bytes, start, end) : crc32(bytes.subarray(start, end));
}

/** Whether a whole event's stored checksum is that of its bytes. */
export function hasRightChecksum(bytes: Buffer, start: number, size: number): boolean {
  const end = start + size - checksumSize;
  return checksumOf(bytes, start, end) === bytes.readUInt32LE(end);
}

/** Writes the right checksum into the last four bytes of a whole event. */
export function sealEvent(event: Buffer): Buffer {
  const end = event.length - checksumSize;
  event.writeUInt32LE(crc32(event.subarray(0, end)), end);
  return event;
}
