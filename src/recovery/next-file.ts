import type { Door } from '../ports/shell.js';
import type { ListedFile } from './listing.js';
import { openRange } from './open-tail.js';
import type { PullReader } from './pull-reader.js';
import { headBytes } from './tail-command.js';
import { tryAgain } from './try-again.js';

/** A file from its very start: its head, which is looked at before anything is made of it, and the bytes behind it. */
export interface OpenedFile {
  readonly head: Buffer;
  readonly rest: PullReader;
}

/**
 * The file after the present one, opened while that one still comes: a command costs a login shell. A connection that
 * is lost meanwhile takes it along, so whoever takes it gets it opened anew.
 */
export class NextFile {
  readonly #door: Door;
  readonly #binlogBase: string;
  readonly #signal: AbortSignal;
  #ahead: Promise<PullReader> | undefined;

  constructor(door: Door, binlogBase: string, signal: AbortSignal) {
    this.#door = door;
    this.#binlogBase = binlogBase;
    this.#signal = signal;
  }

  openAhead(item: ListedFile): void {
    this.#ahead = this.#open(item);
    // Whoever takes it hears of its failure; when nobody does, only closing it is left.
    this.#ahead.catch(() => undefined);
  }

  /** Throws when it cannot be read. */
  take(item: ListedFile): Promise<OpenedFile> {
    return tryAgain(async () => {
      const opening = this.#ahead ?? this.#open(item);
      this.#ahead = undefined;
      const rest = await opening;
      const wanted = Math.min(item.size, headBytes);
      const head = await rest.bytes(wanted);
      if (head.length === wanted) return { head, rest };
      rest.close();
      throw new Error('the file ended before its size');
    }, this.#signal);
  }

  drop(): void {
    void this.#ahead?.then((reader) => reader.close()).catch(() => undefined);
  }

  #open({ file, size }: ListedFile): Promise<PullReader> {
    return openRange(this.#door, this.#binlogBase, { file, from: 0, to: size }, this.#signal);
  }
}
