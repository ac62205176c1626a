import { type ChecksumAlgorithm, checksumLength, checksumOf, checksumSize, extendChecksum } from './checksum.js';
import { eventType } from './event-types.js';
import { eventFlag, headerSize } from './header.js';

/**
 * What stands in a saved relay log for an annotation that the replica had not asked for. MariaDB writes the text of
 * each row statement as an event of its own, and sends it only to replicas that log what they apply: the relay log of
 * any other has a hole there. Filled, the file is continuous and its positions are the source's own.
 *
 * The filler is an annotation of blanks, flagged as made up: no server flags its own so, which tells it from a real
 * one, and so it is never sent on.
 */
export interface AnnotationFiller {
  readonly file: string;
  /** Where it starts in the source's file. */
  readonly position: number;
  readonly size: number;
  readonly timestamp: number;
  readonly serverId: number;
  readonly checksum: ChecksumAlgorithm;
}

/** A statement is at most 1 GiB long (max_allowed_packet). */
const longestText = 2 ** 30;
const blank = 0x20;
const block = Buffer.alloc(65_536, blank);

/** Whether an annotation can be so many bytes long. */
export function isAnnotationSize(size: number, checksum: ChecksumAlgorithm): boolean {
  const text = size - headerSize - checksumLength(checksum);
  return text >= 0 && text <= longestText;
}

/** `event` holds at least the header. */
export function isAnnotationFiller(event: Buffer): boolean {
  return event.readUInt8(4) === eventType.annotateRows && (event.readUInt16LE(17) & eventFlag.artificial) !== 0;
}

/** Writes the whole event into a buffer that has room for it. */
export function writeFiller(filler: AnnotationFiller, into: Buffer, at: number): void {
  const end = at + filler.size;
  into.fill(blank, at, end);
  writeHead(into, at, filler);
  if (filler.checksum === 'crc32') into.writeUInt32LE(checksumOf(into, at, end - checksumSize), end - checksumSize);
}

/** The event's bytes in order, in pieces of at most 64 KiB, for one that is larger than what there is room for. */
export function* fillerPieces(filler: AnnotationFiller): Generator<Buffer, void, undefined> {
  const head = Buffer.alloc(headerSize);
  writeHead(head, 0, filler);
  yield head;
  let checksum = extendChecksum(head);
  const trailer = checksumLength(filler.checksum);
  for (let left = filler.size - headerSize - trailer; left > 0; left -= block.length) {
    const piece = block.subarray(0, Math.min(left, block.length));
    if (trailer > 0) checksum = extendChecksum(piece, checksum);
    yield piece;
  }
  if (trailer === 0) return;
  const last = Buffer.alloc(checksumSize);
  last.writeUInt32LE(checksum);
  yield last;
}

function writeHead(into: Buffer, at: number, { position, size, timestamp, serverId }: AnnotationFiller): void {
  into.writeUInt32LE(timestamp, at);
  into.writeUInt8(eventType.annotateRows, at + 4);
  into.writeUInt32LE(serverId, at + 5);
  into.writeUInt32LE(size, at + 9);
  into.writeUInt32LE((position + size) % 2 ** 32, at + 13);
  into.writeUInt16LE(eventFlag.artificial, at + 17);
}
