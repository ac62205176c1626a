import type { Duplex } from 'node:stream';
import { describeError } from '../../model/fault.js';
import { framePacket, packetHeaderSize, pieceCount } from './packets.js';

/** The other side is gone, or broke the protocol. Ends the connection; it is never shown as a failure of ours. */
export class ConnectionEnded extends Error {
  override readonly name = 'ConnectionEnded';
}

/**
 * What a client may send in one packet. The longest thing a replica sends is its GTID set; real servers allow far
 * more, but nobody may fill our memory.
 */
const largestRequest = 4 << 20;

/**
 * Packets in and out of one byte stream. It reads exactly as many bytes as a packet has and leaves the rest in the
 * stream's own buffer, so that a TLS hello that came in the same segment is still there for the TLS layer.
 */
export class Wire {
  /** Sequence number of the next packet out. An exchange begins at 0 with the client's command. */
  sequence = 0;
  readonly #raw: Duplex;
  #stream: Duplex;
  #ended: ConnectionEnded | undefined;
  #waiting = new Set<(reason: ConnectionEnded) => void>();

  constructor(stream: Duplex) {
    this.#raw = stream;
    this.#stream = stream;
    this.#watch(stream);
  }

  get stream(): Duplex {
    return this.#stream;
  }

  /** Goes on over another stream, the TLS layer on top of the first one, once `start` says that it is ready. */
  async replaceStream(stream: Duplex, start: (ready: () => void) => void): Promise<void> {
    this.#stream = stream;
    this.#watch(stream);
    await this.whileOpen(start);
  }

  /** The body of the client's next packet. Throws ConnectionEnded when there is none any more. */
  async receive(): Promise<Buffer> {
    const header = await this.#read(packetHeaderSize);
    const length = header.readUIntLE(0, 3);
    if (length > largestRequest) throw this.#end(`the client sent a packet of ${String(length)} bytes`);
    this.sequence = (header.readUInt8(3) + 1) & 0xff;
    return length === 0 ? Buffer.alloc(0) : this.#read(length);
  }

  async send(body: Buffer): Promise<void> {
    const framed = framePacket(body, this.sequence);
    this.sequence = (this.sequence + pieceCount(body.length)) & 0xff;
    await this.write(framed);
  }

  /** Resolves when the stream has taken the bytes over: only then may the buffer be used again. */
  write(bytes: Buffer): Promise<void> {
    return this.whileOpen((resolve, reject) => {
      this.#stream.write(bytes, (error) => {
        if (error) reject(this.#end(describeError(error)));
        else resolve();
      });
    });
  }

  /** Sends what is still queued, then closes. Never throws. */
  async close(): Promise<void> {
    const stream = this.#stream;
    await this.whileOpen((resolve) => stream.end(resolve)).catch(() => undefined);
    this.destroy('the connection was closed');
  }

  /** Closes now; whoever waits on this wire gets ConnectionEnded with the reason. */
  destroy(reason: string): void {
    this.#end(reason);
    this.#stream.destroy();
    this.#raw.destroy();
  }

  #watch(stream: Duplex): void {
    stream.on('error', (error: Error) => this.#end(describeError(error)));
    stream.on('close', () => this.#end('the connection was closed'));
  }

  #end(reason: string): ConnectionEnded {
    this.#ended ??= new ConnectionEnded(reason);
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const reject of waiting) reject(this.#ended);
    return this.#ended;
  }

  /**
   * A promise that also ends when the connection does: a destroyed stream need not call back (an SSH channel that
   * waits for its window never does).
   */
  whileOpen(start: (resolve: () => void, reject: (reason: Error) => void) => void): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      this.#waiting.add(reject);
      start(
        () => {
          this.#waiting.delete(reject);
          resolve();
        },
        (reason) => {
          this.#waiting.delete(reject);
          reject(reason);
        },
      );
    });
  }

  async #read(length: number): Promise<Buffer> {
    for (;;) {
      const bytes: unknown = this.#stream.read(length);
      if (Buffer.isBuffer(bytes) && bytes.length === length) return bytes;
      if (bytes !== null || this.#stream.readableEnded) throw this.#end('the client ended the connection');
      await this.#readable();
    }
  }

  #readable(): Promise<void> {
    const stream = this.#stream;
    let settle = (): void => undefined;
    return this.whileOpen((resolve) => {
      settle = resolve;
      stream.once('readable', settle).once('end', settle);
    }).finally(() => {
      stream.off('readable', settle).off('end', settle);
    });
  }
}
