import type { AnnotationFiller } from './annotation-filler.js';

/** What belongs at a place of the source's file. `bytes` are valid until the next piece of the relay log is pushed. */
export type Placed =
  | { readonly kind: 'bytes'; readonly file: string; readonly position: number; readonly bytes: Buffer }
  | { readonly kind: 'filler'; readonly filler: AnnotationFiller }
  /** Another stretch begins; what was placed so far is not needed. */
  | { readonly kind: 'anew' };

/** A piece of the relay file, and where it belongs. */
interface Mark {
  readonly kind: 'mark';
  readonly file: string;
  readonly position: number;
  readonly offset: number;
  length: number;
}

type Order = Mark | Exclude<Placed, { readonly kind: 'bytes' }>;

const nothing = Buffer.alloc(0);

/**
 * Cuts the bytes of relay files to what belongs to the source's files. Orders come while a chunk is walked and refer
 * to the relay file by offset: to this chunk, to bytes before it that were undecided, or, for a large event, to bytes
 * that are still to come. Undecided is at most one event that is not large.
 */
export class RelayBytes {
  #orders: Order[] = [];
  /** Bytes in front of the next chunk, and the offset of the first one. */
  #pending: Buffer = nothing;
  #base = 0;

  startFile(): void {
    this.#orders = [];
    this.#pending = nothing;
    this.#base = 0;
  }

  place(file: string, position: number, offset: number, length: number): void {
    const last = this.#orders.at(-1);
    const joins = last?.kind === 'mark' && last.offset + last.length === offset && last.file === file;
    if (joins && last.position + last.length === position) last.length += length;
    else this.#orders.push({ kind: 'mark', file, position, offset, length });
  }

  fill(filler: AnnotationFiller): void {
    this.#orders.push({ kind: 'filler', filler });
  }

  anew(): void {
    this.#orders = [{ kind: 'anew' }];
  }

  /** What was ordered, as far as its bytes are there; of the rest what lies behind `decided` is kept. */
  take(chunk: Buffer, decided: number): readonly Placed[] {
    const orders = this.#orders;
    this.#orders = [];
    const end = this.#base + this.#pending.length + chunk.length;
    const placed: Placed[] = [];
    for (const order of orders) {
      if (order.kind === 'mark') this.#resolve(order, chunk, end, placed);
      else placed.push(order);
    }
    this.#keep(chunk, Math.min(decided, end), end);
    return placed;
  }

  #resolve({ file, position, offset, length }: Mark, chunk: Buffer, end: number, placed: Placed[]): void {
    const to = Math.min(offset + length, end);
    let at = position;
    for (const bytes of this.#slices(chunk, offset, to)) {
      placed.push({ kind: 'bytes', file, position: at, bytes });
      at += bytes.length;
    }
    const left = offset + length - to;
    if (left > 0) this.#orders.push({ kind: 'mark', file, position: at, offset: to, length: left });
  }

  #slices(chunk: Buffer, from: number, to: number): readonly Buffer[] {
    const seam = this.#base + this.#pending.length;
    const slices: Buffer[] = [];
    if (from < seam) slices.push(this.#pending.subarray(from - this.#base, Math.min(to, seam) - this.#base));
    if (to > seam) slices.push(chunk.subarray(Math.max(from, seam) - seam, to - seam));
    return slices;
  }

  #keep(chunk: Buffer, from: number, end: number): void {
    const rest = this.#slices(chunk, from, end);
    this.#pending = from === end ? nothing : Buffer.concat(rest);
    this.#base = from;
  }
}
