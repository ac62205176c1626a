import type { Ledger } from '../binlog/ledger.js';
import { BinlogWalker } from '../binlog/walker.js';
import { type Coordinates, firstPosition } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import type { FileHeads } from './file-heads.js';
import { type CopyStore, hasCode } from './copy-store.js';

export interface CopyStart {
  readonly file: string;
  readonly from: number;
  /** The file's first bytes, with its whole description unless the file is cut short. */
  readonly head: Buffer;
  /** Bytes that are expected to come. */
  readonly expected: number;
}

/** Where the copies of a fetch go. */
export interface Stores {
  readonly ledger: Ledger;
  readonly heads: FileHeads;
  /** A place in the work directory, or the file where it is when there is no room. */
  choose(start: CopyStart, description: Buffer): Promise<CopyStore>;
  /** The file where it is; for when the disk has filled up on the way. */
  leave(file: string): CopyStore;
}

/**
 * One file of the log on its way: every piece is stored and walked at the same time, and what is then both stored and
 * proven whole is entered into the ledger, from where it is served.
 */
export class FileCopy {
  readonly file: string;
  readonly from: number;
  readonly #stores: Stores;
  readonly #walker: BinlogWalker;
  readonly #kept: string[] = [];
  #store: CopyStore;
  /** Where the present store's part begins. */
  #storeFrom: number;
  #position: number;
  #isClosed = false;

  constructor(start: CopyStart, stores: Stores, store: CopyStore, walker: BinlogWalker) {
    this.file = start.file;
    this.from = start.from;
    this.#stores = stores;
    this.#walker = walker;
    this.#store = store;
    this.#storeFrom = start.from;
    this.#position = start.from;
  }

  /** Where the next byte belongs. */
  get next(): Coordinates {
    return { file: this.file, position: this.#position };
  }

  get verifiedUpTo(): number {
    return Math.max(this.#walker.verifiedUpTo, this.from);
  }

  /** As far as a replica's position comes that was sent what is proven. */
  get reach(): number {
    return Math.max(this.#walker.reach, this.from);
  }

  get transactions(): number {
    return this.#walker.transactions;
  }

  get gtids(): string {
    return this.#walker.gtids;
  }

  /** Files of the work directory that hold it; known once it is closed. */
  get kept(): readonly string[] {
    return this.#kept;
  }

  get defect(): Defect | undefined {
    return this.#walker.defect;
  }

  /** What is wrong if nothing more comes; normal for the last file after a crash. */
  get defectAtEnd(): Defect | undefined {
    return this.#walker.defectAtEnd();
  }

  async push(piece: Buffer): Promise<void> {
    const proven = this.verifiedUpTo;
    const stored = this.#write(piece, proven);
    this.#position += piece.length;
    try {
      this.#walker.push(piece);
    } finally {
      await stored;
    }
    if (this.verifiedUpTo > proven) this.#offer();
  }

  /** The file has ended and another follows. Answers what is wrong when it does not end behind a whole transaction. */
  complete(next: string): Defect | undefined {
    const defect = this.#walker.defectAtEnd();
    if (defect === undefined) this.#stores.ledger.complete(this.file, this.#walker.verifiedUpTo, next);
    return defect;
  }

  /** Makes what was stored so far last. */
  flush(): Promise<void> {
    return this.#store.flush();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#finishStore(this.verifiedUpTo);
  }

  /** `proven`: how far it was proven before this piece, which is walked meanwhile. */
  async #write(piece: Buffer, proven: number): Promise<void> {
    try {
      await this.#store.write(piece, this.#position);
    } catch (error) {
      if (!hasCode(error, 'ENOSPC') && !hasCode(error, 'EDQUOT')) throw error;
      // What is proven stays where it is kept; the rest is served from where it lies.
      await this.#finishStore(proven);
      this.#store = this.#stores.leave(this.file);
      this.#storeFrom = proven;
    }
  }

  async #finishStore(end: number): Promise<void> {
    await this.#store.finish(end);
    if (this.#store.isKept && end > this.#storeFrom) this.#kept.push(this.#store.path);
  }

  #offer(): void {
    const from = this.#storeFrom;
    const { path } = this.#store;
    const offset = this.#store.offsetOf(from);
    this.#stores.ledger.grow({ file: this.file, from, to: this.verifiedUpTo, path, offset });
  }
}

/** Begins the copy of a file, or says why nothing behind its head can be used. */
export async function startCopy(start: CopyStart, stores: Stores): Promise<FileCopy | Defect> {
  const { file, head } = start;
  const peek = new BinlogWalker({ file });
  peek.push(head);
  const { description, defect } = peek;
  if (defect?.kind === 'encrypted') return defect;
  if (description === undefined) {
    return peek.defectAtEnd() ?? { kind: 'torn', at: { file, position: 0 }, text: 'the file has no head' };
  }
  stores.ledger.describe(file, description);
  return new FileCopy(start, stores, await stores.choose(start, description), walkerAt(start, description));
}

function walkerAt({ file, from, head }: CopyStart, description: Buffer): BinlogWalker {
  if (from > firstPosition) return new BinlogWalker({ file, startAt: { position: from, description } });
  const walker = new BinlogWalker({ file });
  walker.push(head.subarray(0, firstPosition));
  return walker;
}
