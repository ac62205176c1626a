import type { FileHandle } from 'node:fs/promises';
import { writeWhole } from './copy-store.js';

const blockSize = 1024 * 1024;

/** Writes small pieces in large blocks. Pieces that follow on one another become one write. */
export class BlockWriter {
  readonly #handle: FileHandle;
  readonly #block = Buffer.allocUnsafeSlow(blockSize);
  #used = 0;
  /** Where the block's first byte belongs. */
  #offset = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Takes a copy of the bytes; undefined when nothing had to be written for that. */
  put(bytes: Buffer, offset: number): Promise<void> | undefined {
    const follows = this.#offset + this.#used === offset;
    if (!follows || bytes.length > blockSize - this.#used) return this.#putBehind(bytes, offset);
    this.#used += bytes.copy(this.#block, this.#used);
    return undefined;
  }

  async flush(): Promise<void> {
    await writeWhole(this.#handle, this.#block.subarray(0, this.#used), this.#offset);
    this.#offset += this.#used;
    this.#used = 0;
  }

  async #putBehind(bytes: Buffer, offset: number): Promise<void> {
    await this.flush();
    this.#offset = offset;
    if (bytes.length < blockSize) {
      this.#used = bytes.copy(this.#block);
      return;
    }
    await writeWhole(this.#handle, bytes, offset);
    this.#offset += bytes.length;
  }
}
