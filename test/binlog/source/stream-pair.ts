import { Duplex } from 'node:stream';

/** One end of an in-memory connection. It copies what it is given, as a kernel does. */
class End extends Duplex {
  other: End | undefined;
  #resume: (() => void) | undefined;

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#hand(Buffer.from(chunk), done);
  }

  /** Corked writes come out as one chunk: one segment on a wire. */
  override _writev(chunks: { chunk: Buffer; encoding: BufferEncoding }[], done: () => void): void {
    this.#hand(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this;
    if (other !== undefined && !other.destroyed) setImmediate(() => other.destroy());
    done(error);
  }

  #hand(bytes: Buffer, done: () => void): void {
    const { other } = this;
    if (other === undefined || other.destroyed) return done();
    if (other.push(bytes)) done();
    else other.#resume = done;
  }
}

export function streamPair(): { readonly client: Duplex; readonly server: Duplex } {
  const client = new End();
  const server = new End();
  client.other = server;
  server.other = client;
  for (const end of [client, server]) end.on('error', () => undefined);
  return { client, server };
}
