import type { Extent } from '../served-log.js';

/** An open file of rescued bytes. Node's FileHandle is one. */
export interface StoredFile {
  read(into: Buffer, offset: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Opens what an extent's `path` names; given by whoever keeps the bytes. */
export type OpenStored = (path: string) => Promise<StoredFile>;

/** Reads extents; keeps the file of the last one open. */
export class ExtentReader {
  readonly #open: OpenStored;
  #file: { readonly path: string; readonly stored: StoredFile } | undefined;

  constructor(open: OpenStored) {
    this.#open = open;
  }

  /** Fills the first `length` bytes of `into` from a position of the source's file. */
  async read(extent: Extent, position: number, into: Buffer, length: number): Promise<void> {
    const stored = await this.#fileOf(extent.path);
    const start = extent.offset + (position - extent.from);
    for (let done = 0; done < length;) {
      const { bytesRead } = await stored.read(into, done, length - done, start + done);
      if (bytesRead === 0) throw new Error(`${extent.path} ends at ${String(start + done)}, before what it holds`);
      done += bytesRead;
    }
  }

  async close(): Promise<void> {
    const open = this.#file;
    this.#file = undefined;
    await open?.stored.close();
  }

  async #fileOf(path: string): Promise<StoredFile> {
    if (this.#file?.path === path) return this.#file.stored;
    await this.close();
    const stored = await this.#open(path);
    this.#file = { path, stored };
    return stored;
  }
}
