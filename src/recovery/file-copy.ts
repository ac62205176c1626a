import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ledger } from '../binlog/ledger.js';
import { layOutSavedFile, type SavedFileLayout } from '../binlog/saved-file.js';
import { BinlogWalker } from '../binlog/walker.js';
import { type Coordinates, firstPosition } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';

export interface CopyStart {
  readonly file: string;
  readonly from: number;
  /** The file's first bytes, with its whole description unless the file is cut short. */
  readonly head: Buffer;
}

/**
 * One file of the log on its way: every piece is written to disk, then walked, and only what is then proven whole is
 * entered into the ledger, from where it is served. On closing the kept file is cut at that place and synced, so it
 * is a valid binary log of its own.
 */
export class FileCopy {
  readonly file: string;
  readonly from: number;
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #walker: BinlogWalker;
  readonly #layout: SavedFileLayout;
  readonly #ledger: Ledger;
  #position: number;
  #closed = false;

  constructor(parts: {
    readonly start: CopyStart;
    readonly path: string;
    readonly handle: FileHandle;
    readonly walker: BinlogWalker;
    readonly layout: SavedFileLayout;
    readonly ledger: Ledger;
  }) {
    this.file = parts.start.file;
    this.from = parts.start.from;
    this.path = parts.path;
    this.#handle = parts.handle;
    this.#walker = parts.walker;
    this.#layout = parts.layout;
    this.#ledger = parts.ledger;
    this.#position = parts.start.from;
  }

  /** Where the next byte belongs. */
  get next(): Coordinates {
    return { file: this.file, position: this.#position };
  }

  get verifiedUpTo(): number {
    return Math.max(this.#walker.verifiedUpTo, this.from);
  }

  get transactions(): number {
    return this.#walker.transactions;
  }

  get gtids(): string {
    return this.#walker.gtids;
  }

  get defect(): Defect | undefined {
    return this.#walker.defect;
  }

  /** What is wrong if nothing more comes; normal for the last file after a crash. */
  get defectAtEnd(): Defect | undefined {
    return this.#walker.defectAtEnd();
  }

  async push(piece: Buffer): Promise<void> {
    await writeWhole(this.#handle, piece, this.#layout.offsetOf(this.#position));
    this.#position += piece.length;
    const before = this.#walker.verifiedUpTo;
    this.#walker.push(piece);
    if (this.#walker.verifiedUpTo > before) this.#offer();
  }

  /** The file has ended and another follows. Answers what is wrong when it does not end behind a whole transaction. */
  complete(next: string): Defect | undefined {
    const defect = this.#walker.defectAtEnd();
    if (defect === undefined) this.#ledger.complete(this.file, this.#walker.verifiedUpTo, next);
    return defect;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      // The range's own first bytes may have been written over it, with the in-use flag that a killed server leaves.
      await writeWhole(this.#handle, this.#layout.head, 0);
      await this.#handle.truncate(Math.max(this.#layout.head.length, this.#layout.offsetOf(this.verifiedUpTo)));
      await this.#handle.sync();
    } finally {
      await this.#handle.close();
    }
    // Nothing that could be served from it: an empty log would only puzzle who looks into the folder later.
    if (this.verifiedUpTo === this.from) await unlink(this.path);
  }

  #offer(): void {
    const { file, from, path } = this;
    this.#ledger.grow({ file, from, to: this.verifiedUpTo, path, offset: this.#layout.offsetOf(from) });
  }
}

/** Begins the copy of a file, or says why nothing behind its head can be used. */
export async function startCopy(start: CopyStart, folder: string, ledger: Ledger): Promise<FileCopy | Defect> {
  const { file, from, head } = start;
  const peek = new BinlogWalker({ file });
  peek.push(head);
  const description = peek.description;
  if (peek.defect?.kind === 'encrypted' && peek.defect.at.position < Math.max(from, head.length)) return peek.defect;
  if (description === undefined) {
    return peek.defectAtEnd() ?? { kind: 'torn', at: { file, position: 0 }, text: 'the file has no head' };
  }
  ledger.describe(file, description);
  const layout = layOutSavedFile(description, from);
  const { path, handle } = await createFile(folder, from <= firstPosition ? file : `${file}.from-${String(from)}`);
  return new FileCopy({ start, path, handle, walker: walkerAt(start, description), layout, ledger });
}

function walkerAt({ file, from, head }: CopyStart, description: Buffer): BinlogWalker {
  if (from > firstPosition) return new BinlogWalker({ file, startAt: { position: from, description } });
  const walker = new BinlogWalker({ file });
  walker.push(head.subarray(0, firstPosition));
  return walker;
}

/** A new file: a second fetch of the same range must not write over what is being served from the first. */
async function createFile(folder: string, name: string): Promise<{ path: string; handle: FileHandle }> {
  for (let copy = 1; ; copy++) {
    const path = join(folder, copy === 1 ? name : `${name}.copy-${String(copy)}`);
    try {
      return { path, handle: await open(path, 'wx', 0o600) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

async function writeWhole(handle: FileHandle, bytes: Buffer, offset: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, offset + done);
    done += bytesWritten;
  }
}
