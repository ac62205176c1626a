import { type ChecksumAlgorithm, checksumSize, extendChecksum } from './checksum.js';
import type { EventHeader } from './header.js';

/**
 * An event that is too long to be held: its bytes pass through, and only the first `keep` and the checksum stay. So a
 * 1 GiB event costs no memory.
 */
export class PassingEvent {
  readonly header: EventHeader;
  /** The event's first bytes; whole once it has passed. */
  readonly kept: Buffer;
  readonly #algorithm: ChecksumAlgorithm;
  readonly #trailer = Buffer.alloc(checksumSize);
  #seen = 0;
  #checksum = 0;

  constructor(header: EventHeader, keep: number, algorithm: ChecksumAlgorithm) {
    this.header = header;
    this.kept = Buffer.alloc(Math.min(header.size, keep));
    this.#algorithm = algorithm;
  }

  get seen(): number {
    return this.#seen;
  }

  get hasPassed(): boolean {
    return this.#seen === this.header.size;
  }

  get isSound(): boolean {
    return this.#algorithm === 'none' || this.#checksum === this.#trailer.readUInt32LE(0);
  }

  /** Takes what belongs to the event from `at` on; answers where that ends in the chunk. */
  take(chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, Math.min(chunk.length, at + this.header.size - this.#seen));
    if (this.#seen < this.kept.length) piece.copy(this.kept, this.#seen);
    if (this.#algorithm === 'crc32') this.#cover(piece);
    this.#seen += piece.length;
    return at + piece.length;
  }

  /** The checksum covers all but the event's last four bytes, which hold it. */
  #cover(piece: Buffer): void {
    const trailerAt = this.header.size - checksumSize;
    const covered = Math.max(0, Math.min(piece.length, trailerAt - this.#seen));
    if (covered > 0) this.#checksum = extendChecksum(piece.subarray(0, covered), this.#checksum);
    if (covered < piece.length) piece.copy(this.#trailer, this.#seen + covered - trailerAt, covered);
  }
}
