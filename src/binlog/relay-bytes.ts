import { type AnnotationFiller, writeFiller } from './annotation-filler.js';
import { gatherLimit } from './kept-bytes.js';

/** What belongs at a place of the source's file. `bytes` are valid until the next piece of the relay log is pushed. */
export type Placed =
  | PlacedBytes
  /** A filler too long for memory. */
  | { readonly kind: 'filler'; readonly filler: AnnotationFiller }
  /** Another stretch begins; what was placed so far is not needed. */
  | { readonly kind: 'anew' };

export interface PlacedBytes {
  readonly kind: 'bytes';
  readonly file: string;
  readonly position: number;
  readonly bytes: Buffer;
}

/** A long event on its way: where its next byte belongs, and how many come. */
interface Coming {
  readonly file: string;
  readonly position: number;
  readonly length: number;
}

const blockSize = 1024 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Puts together what of the relay files' bytes belongs where in the source's files. Places come while a chunk is walked
 * and refer to the relay file by offset: to this chunk, to bytes before it that were undecided, or, for a long event,
 * to bytes still to come. Small pieces are gathered in blocks that are used again, so that an event costs a copy of its
 * bytes and nothing else. Undecided is at most one event that is not long.
 */
export class RelayBytes {
  #placed: Placed[] = [];
  /** Undecided bytes in front of the chunk; `base` is the offset of the first one. */
  #pending: Buffer = nothing;
  #chunk: Buffer = nothing;
  #base = 0;
  #coming: Coming | undefined;
  readonly #blocks: Buffer[] = [];
  #blocksUsed = 0;
  #block: Buffer = nothing;
  #used = 0;
  /** The piece that grows at the end of the block: where it begins there, and where it belongs. */
  #start = 0;
  #file = '';
  #position = 0;

  /** Bytes of fillers so far: what is placed that the relay log does not have. */
  filled = 0;

  startFile(): void {
    this.#pending = nothing;
    this.#chunk = nothing;
    this.#base = 0;
    this.#coming = undefined;
  }

  /** The next bytes of the relay file; what was answered for the ones before is not used any more. */
  begin(chunk: Buffer): void {
    this.#chunk = chunk;
    this.#blocksUsed = 0;
    this.#block = nothing;
    this.#used = 0;
    this.#start = 0;
    const coming = this.#coming;
    this.#coming = undefined;
    if (coming !== undefined) this.place(coming.file, coming.position, this.#seam, coming.length);
  }

  place(file: string, position: number, offset: number, length: number): void {
    const seam = this.#seam;
    let at = offset;
    if (at < seam) {
      const part = Math.min(length, seam - at);
      this.#add(file, position, this.#pending, at - this.#base, part);
      at += part;
    }
    const left = offset + length - at;
    const part = Math.min(left, seam + this.#chunk.length - at);
    if (part > 0) this.#add(file, position + at - offset, this.#chunk, at - seam, part);
    if (part < left) this.#coming = { file, position: position + at - offset + part, length: left - part };
  }

  fill(filler: AnnotationFiller): void {
    this.filled += filler.size;
    if (filler.size > gatherLimit) {
      this.#close();
      this.#placed.push({ kind: 'filler', filler });
    } else {
      const at = this.#room(filler.file, filler.position, filler.size);
      writeFiller(filler, this.#block, at);
    }
  }

  anew(): void {
    this.#placed = [{ kind: 'anew' }];
    this.#start = this.#used;
    this.#coming = undefined;
  }

  /** What was placed since `begin`. Of the rest what lies behind `decided` is kept. */
  take(decided: number): readonly Placed[] {
    this.#close();
    const placed = this.#placed;
    this.#placed = [];
    this.#keep(Math.min(decided, this.#seam + this.#chunk.length));
    return placed;
  }

  get #seam(): number {
    return this.#base + this.#pending.length;
  }

  #add(file: string, position: number, source: Buffer, from: number, length: number): void {
    if (length > gatherLimit) {
      this.#close();
      this.#placed.push({ kind: 'bytes', file, position, bytes: source.subarray(from, from + length) });
    } else {
      const at = this.#room(file, position, length);
      source.copy(this.#block, at, from, from + length);
    }
  }

  /** Where in the block so many bytes now go. */
  #room(file: string, position: number, length: number): number {
    const follows = position === this.#position + this.#used - this.#start && file === this.#file;
    const fits = length <= this.#block.length - this.#used;
    if (!follows || !fits) {
      this.#close();
      if (!fits) this.#nextBlock();
      this.#file = file;
      this.#position = position;
    }
    const at = this.#used;
    this.#used += length;
    return at;
  }

  #close(): void {
    if (this.#used > this.#start) {
      const bytes = this.#block.subarray(this.#start, this.#used);
      this.#placed.push({ kind: 'bytes', file: this.#file, position: this.#position, bytes });
      this.#position += bytes.length;
    }
    this.#start = this.#used;
  }

  #nextBlock(): void {
    this.#block = this.#blocks[this.#blocksUsed] ?? Buffer.allocUnsafeSlow(blockSize);
    this.#blocks[this.#blocksUsed++] = this.#block;
    this.#used = 0;
    this.#start = 0;
  }

  #keep(from: number): void {
    const seam = this.#seam;
    const before = this.#pending.subarray(Math.min(from, seam) - this.#base);
    const behind = this.#chunk.subarray(Math.max(from, seam) - seam);
    this.#pending = Buffer.concat([before, behind]);
    this.#chunk = nothing;
    this.#base = from;
  }
}
