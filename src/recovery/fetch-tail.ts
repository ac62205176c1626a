import { compareFiles, type Coordinates, firstPosition, nextFile } from '../model/coordinates.js';
import { describeError, Fault } from '../model/fault.js';
import type { Defect, SavedRange } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { type CopyStart, type FileCopy, startCopy, type Stores } from './file-copy.js';
import { joinCopies } from './join-copies.js';
import { type ListedFile, runFrom, sameEnd, withSize } from './listing.js';
import { NextFile } from './next-file.js';
import { type FetchRequest, listLog, openRange, openTail } from './open-tail.js';
import type { PullReader } from './pull-reader.js';
import { tooShort, unreadable, whoseElse, whyNotOpen } from './tail-defects.js';
import { attempts, pauseAfter, tryAgain } from './try-again.js';

/** Rounds after which a log that is longer at each look counts as one that a server still writes. */
const rounds = 30;

export interface TailParts {
  readonly door: Door;
  readonly stores: Stores;
  /** Called after each piece. */
  onPiece(copies: readonly FileCopy[]): void;
}

/**
 * Fetches the log from a place to its end (or an exclusive end that is given), verifying as it comes. Ends when
 * a look after the last byte finds the newest file unchanged: a dying server may have flushed in between.
 * A defect ends the fetch; what is whole before it stays served. Throws only when nothing could be begun.
 */
export async function fetchTail(request: FetchRequest, parts: TailParts, signal: AbortSignal): Promise<SavedRange> {
  const fetch = new TailFetch(request, parts, signal);
  try {
    await fetch.run();
  } finally {
    await fetch.close();
  }
  return fetch.range();
}

class TailFetch {
  readonly #request: FetchRequest;
  readonly #parts: TailParts;
  readonly #signal: AbortSignal;
  readonly #copies: FileCopy[] = [];
  /** The stream that the first command has opened already. */
  #opened: PullReader | undefined;
  readonly #nextFile: NextFile;
  #defect: Defect | undefined;

  constructor(request: FetchRequest, parts: TailParts, signal: AbortSignal) {
    this.#request = request;
    this.#parts = parts;
    this.#signal = signal;
    this.#nextFile = new NextFile(parts.door, request.binlogBase, signal);
  }

  async run(): Promise<void> {
    let files = await this.#begin();
    for (let round = 0; this.#defect === undefined && round < rounds; round++) {
      if (!(await this.#takeFiles(files)) || this.#isLimited(files)) return;
      const [again] = await Promise.all([this.#listAgain(), this.#copies.at(-1)?.flush()]);
      if (again === undefined || sameEnd(files, again)) return;
      files = again;
    }
    this.#defect ??= unreadable(this.#reached(), 'the log grows at each look: a server writes it');
  }

  async close(): Promise<void> {
    this.#opened?.close();
    this.#nextFile.drop();
    await Promise.all(this.#copies.map((copy) => copy.close()));
  }

  range(): SavedRange {
    return joinCopies(this.#request.from, this.#copies, this.#defect);
  }

  /** The first command: what is there, and the first file's head and bytes. */
  async #begin(): Promise<readonly ListedFile[]> {
    const { from } = this.#request;
    const opened = await openTail(this.#parts.door, this.#request, this.#signal);
    if (opened.kind !== 'open') {
      this.#defect = whyNotOpen(opened.kind, from, opened.files);
      return opened.files;
    }
    this.#opened = opened.bytes;
    const files = withSize(opened.files, from.file, opened.size);
    refuseAbove(this.#request, files);
    if (opened.size < from.position) this.#defect = tooShort(from, opened.size);
    else
      await this.#start({
        file: from.file,
        from: from.position,
        head: opened.head,
        expected: opened.size - from.position,
      });
    return files;
  }

  /** False when a defect ended it. */
  async #takeFiles(files: readonly ListedFile[]): Promise<boolean> {
    const current = this.#copies.at(-1)?.file ?? this.#request.from.file;
    const { run, missingAfter } = runFrom(files, current);
    for (const [index, item] of run.entries()) {
      if (this.#isBehindEnd(item.file)) return true;
      const next = run[index + 1];
      await this.#takeFile(item, next);
      // Up to a given end only: the rest of that file is another fetch's, which also says where the file ends.
      if (item.file === this.#request.until?.file) return this.#defect === undefined;
      if (next !== undefined) this.#defect ??= this.#copies.at(-1)?.complete(next.file);
      if (this.#defect !== undefined) return false;
    }
    const missing = missingAfter === undefined ? undefined : nextFile(missingAfter);
    if (missing !== undefined) this.#defect = whyNotOpen('missing', { file: missing, position: firstPosition }, files);
    return this.#defect === undefined;
  }

  async #takeFile(item: ListedFile, next: ListedFile | undefined): Promise<void> {
    const { until } = this.#request;
    const end = until?.file === item.file ? Math.min(until.position, item.size) : item.size;
    const last = this.#copies.at(-1);
    const copy = last?.file === item.file ? last : await this.#enter(item);
    if (copy === undefined) return;
    if (next !== undefined && !this.#isBehindEnd(next.file)) this.#nextFile.openAhead(next);
    if (item.size < copy.next.position) {
      this.#defect = unreadable(copy.next, 'the file became shorter while it was read: a server works on it');
      return;
    }
    for await (const piece of this.#bytes(copy, end)) {
      await copy.push(piece);
      this.#parts.onPiece(this.#copies);
      if (copy.defect !== undefined) break;
    }
    this.#defect ??= copy.defect;
  }

  async #enter(item: ListedFile): Promise<FileCopy | undefined> {
    const opened = await this.#nextFile.take(item).catch((error: unknown) => {
      this.#signal.throwIfAborted();
      this.#defect = unreadable({ file: item.file, position: firstPosition }, describeError(error));
      return undefined;
    });
    if (opened === undefined) return undefined;
    const { head, rest } = opened;
    this.#opened = rest;
    const copy = await this.#start({ file: item.file, from: firstPosition, head, expected: item.size });
    if (head.length > firstPosition) await copy?.push(head.subarray(firstPosition));
    return copy;
  }

  /** What has come is whole and stays served, also where nobody can say any more whether it is all. */
  async #listAgain(): Promise<readonly ListedFile[] | undefined> {
    try {
      return await tryAgain(() => listLog(this.#parts.door, this.#request.binlogBase, this.#signal), this.#signal);
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#defect = unreadable(this.#reached(), `whether the log has grown cannot be seen: ${describeError(error)}`);
      return undefined;
    }
  }

  #reached(): Coordinates {
    return this.#copies.at(-1)?.next ?? this.#request.from;
  }

  async #start(start: CopyStart): Promise<FileCopy | undefined> {
    const copy = this.#whyForeign(start) ?? (await startCopy(start, this.#parts.stores));
    if ('kind' in copy) {
      this.#defect = copy;
      return undefined;
    }
    this.#copies.push(copy);
    return copy;
  }

  #whyForeign({ file, head }: CopyStart): Defect | undefined {
    const { heads } = this.#parts.stores;
    const { ofServer } = this.#request;
    if (ofServer === undefined) heads.own(file, head);
    return ofServer === undefined ? undefined : (whoseElse(file, head, ofServer) ?? heads.check(file, head));
  }

  /** The bytes that the copy lacks up to the end, over as many transfers as it takes. */
  async *#bytes(copy: FileCopy, end: number): AsyncGenerator<Buffer, void, undefined> {
    let failures = 0;
    while (copy.next.position < end) {
      const before = copy.next.position;
      let why = 'the file ended before its size';
      try {
        yield* this.#transfer(copy, end);
      } catch (error) {
        this.#signal.throwIfAborted();
        why = describeError(error);
      }
      if (copy.next.position > before) failures = 0;
      else if (++failures === attempts) {
        this.#defect = unreadable(copy.next, why);
        return;
      } else await pauseAfter(failures, this.#signal);
    }
  }

  async *#transfer(copy: FileCopy, end: number): AsyncGenerator<Buffer, void, undefined> {
    const range = { file: copy.file, from: copy.next.position, to: end };
    const { door } = this.#parts;
    const reader = this.#opened ?? (await openRange(door, this.#request.binlogBase, range, this.#signal));
    this.#opened = undefined;
    try {
      yield* reader.chunks(end - copy.next.position);
    } finally {
      reader.close();
    }
  }

  #isBehindEnd(file: string): boolean {
    const { until } = this.#request;
    return until !== undefined && compareFiles(file, until.file) > 0;
  }

  /** Whether an end was asked for that the log has: then nothing new can come before it. */
  #isLimited(files: readonly ListedFile[]): boolean {
    const { until } = this.#request;
    return until !== undefined && files.some(({ file, size }) => file === until.file && size >= until.position);
  }
}

/** What is asked for is summed up before a byte of it is kept. */
function refuseAbove({ from, until, limitBytes }: FetchRequest, files: readonly ListedFile[]): void {
  if (limitBytes === undefined) return;
  const parts = files.map(({ file, size }) => {
    if (compareFiles(file, from.file) < 0 || (until !== undefined && compareFiles(file, until.file) > 0)) return 0;
    const end = until?.file === file ? until.position : size;
    return end - (file === from.file ? from.position : 0);
  });
  const needed = parts.reduce((sum, bytes) => sum + bytes, 0);
  if (needed > limitBytes) throw new Fault('RESCUE_TOO_LONG', { server: 'a replica', limit: limitBytes, needed });
}
