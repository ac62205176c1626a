import type { Readable } from 'node:stream';

/**
 * Reads a stream by lines and counts, pulling: what is not asked for stays in the stream, so a slow taker slows the
 * sender down. A wait for bytes ends after `stallMs` without one.
 */
export class PullReader {
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #stallMs: number;
  #rest: Buffer = Buffer.alloc(0);

  constructor(stream: Readable, stallMs: number) {
    this.#stream = stream;
    this.#stallMs = stallMs;
    // A stream may break before it is read from, when nobody listens yet; whoever reads it then is told.
    stream.on('error', () => undefined);
    const chunks: AsyncIterable<Buffer> = stream;
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The text up to the next line end, without it; undefined when the stream ends before one. At most 64 KiB. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf(0x0a);
      if (end >= 0) {
        const text = this.#rest.toString('utf8', 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return text;
      }
      if (this.#rest.length > 65_536) return undefined;
      const chunk = await this.#pull();
      if (chunk === undefined) return undefined;
      this.#rest = Buffer.concat([this.#rest, chunk]);
    }
  }

  /** Exactly so many bytes in one buffer, fewer only where the stream ends. For small counts. */
  async bytes(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for await (const part of this.chunks(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  /** So many bytes as they come, fewer only where the stream ends. */
  async *chunks(count: number): AsyncGenerator<Buffer, void, undefined> {
    let left = count;
    while (left > 0) {
      const chunk = this.#rest.length > 0 ? this.#rest : await this.#pull();
      if (chunk === undefined) return;
      const part = chunk.length > left ? chunk.subarray(0, left) : chunk;
      this.#rest = chunk.subarray(part.length);
      left -= part.length;
      if (part.length > 0) yield part;
    }
  }

  /** Ends the stream on our side. */
  close(): void {
    this.#stream.destroy();
  }

  async #pull(): Promise<Buffer | undefined> {
    const timer = setTimeout(() => {
      this.#stream.destroy(new Error(`no byte came for ${String(this.#stallMs)} ms`));
    }, this.#stallMs);
    try {
      const next = await this.#chunks.next();
      return next.done === true ? undefined : next.value;
    } finally {
      clearTimeout(timer);
    }
  }
}
