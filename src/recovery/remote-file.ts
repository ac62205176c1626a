import type { StoredFile } from '../binlog/source/stored-bytes.js';
import type { PullReader } from './pull-reader.js';

/**
 * A file that stays on its host, read where it lies. Reads that follow on each other share one transfer; any other
 * read begins a new one.
 */
export class RemoteFile implements StoredFile {
  readonly #openAt: (position: number) => Promise<PullReader>;
  #reader: PullReader | undefined;
  #next = 0;

  constructor(openAt: (position: number) => Promise<PullReader>) {
    this.#openAt = openAt;
  }

  async read(into: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }> {
    const reader = await this.#readerAt(position);
    let bytesRead = 0;
    for await (const piece of reader.chunks(length)) {
      piece.copy(into, offset + bytesRead);
      bytesRead += piece.length;
    }
    this.#next = position + bytesRead;
    return { bytesRead };
  }

  close(): Promise<void> {
    this.#reader?.close();
    this.#reader = undefined;
    return Promise.resolve();
  }

  async #readerAt(position: number): Promise<PullReader> {
    if (this.#reader !== undefined && this.#next === position) return this.#reader;
    this.#reader?.close();
    this.#reader = await this.#openAt(position);
    this.#next = position;
    return this.#reader;
  }
}
