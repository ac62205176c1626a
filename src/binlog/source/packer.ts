import { largestPiece, packetHeaderSize, writePacketHeader } from './packets.js';
import type { Wire } from './wire.js';

/** Every event of a dump goes out behind one zero byte ("OK"). */
const statusSize = 1;

/**
 * Turns events into packets in one buffer that goes out when it is full: one write for thousands of small events,
 * flat memory for an event of 1 GiB. The buffer is used again after the stream has taken it over, so a stream must
 * not keep a chunk that it has called back for.
 */
export class Packer {
  readonly #wire: Wire;
  readonly #buffer: Buffer;
  #used = 0;
  /** Of the event being packed: bytes to come, and how many of them the open packet still takes. */
  #eventLeft = 0;
  #packetLeft = 0;

  constructor(wire: Wire, capacity: number) {
    this.#wire = wire;
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
  }

  get pending(): number {
    return this.#used;
  }

  /** Is there room for a whole event of this size without a flush? */
  fits(size: number): boolean {
    return size + statusSize + packetHeaderSize <= this.#buffer.length - this.#used && size + statusSize < largestPiece;
  }

  /** Packs a whole event that `fits`. */
  pack(source: Buffer, from: number, size: number): void {
    this.#openPacket(size + statusSize);
    this.#buffer[this.#used++] = 0;
    source.copy(this.#buffer, this.#used, from, from + size);
    this.#used += size;
  }

  /** Packs a whole event of any size. */
  async packWhole(event: Buffer): Promise<void> {
    await this.begin(event.length);
    await this.append(event);
  }

  /** Begins an event that comes in pieces, `size` bytes in all; then `append` until all came. */
  async begin(size: number): Promise<void> {
    if (this.#eventLeft !== 0) throw new Error(`the event before still lacks ${String(this.#eventLeft)} bytes`);
    await this.#room(packetHeaderSize + statusSize);
    this.#eventLeft = size;
    this.#openPiece(size + statusSize);
    this.#buffer[this.#used++] = 0;
    this.#packetLeft -= statusSize;
  }

  async append(bytes: Buffer): Promise<void> {
    for (let from = 0; from < bytes.length;) {
      if (this.#packetLeft === 0) await this.#nextPiece();
      if (this.#used === this.#buffer.length) await this.flush();
      const length = Math.min(bytes.length - from, this.#packetLeft, this.#buffer.length - this.#used);
      bytes.copy(this.#buffer, this.#used, from, from + length);
      this.#used += length;
      this.#packetLeft -= length;
      this.#eventLeft -= length;
      from += length;
      if (this.#eventLeft === 0 && this.#packetLeft === 0 && this.#pieceWasFull) await this.#nextPiece();
    }
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    const bytes = this.#buffer.subarray(0, this.#used);
    await this.#wire.write(bytes);
    this.#used = 0;
  }

  #pieceWasFull = false;

  /** A full piece is always followed by another one, with the rest of the event or empty. */
  async #nextPiece(): Promise<void> {
    await this.#room(packetHeaderSize);
    this.#openPiece(this.#eventLeft);
  }

  #openPiece(bodyLeft: number): void {
    this.#packetLeft = Math.min(bodyLeft, largestPiece);
    this.#pieceWasFull = this.#packetLeft === largestPiece;
    this.#openPacket(this.#packetLeft);
  }

  #openPacket(length: number): void {
    this.#wire.sequence = writePacketHeader(this.#buffer, this.#used, length, this.#wire.sequence);
    this.#used += packetHeaderSize;
  }

  async #room(bytes: number): Promise<void> {
    if (this.#buffer.length - this.#used < bytes) await this.flush();
  }
}
