import { open } from 'node:fs/promises';
import { posix } from 'node:path';
import type { StoredFile } from '../binlog/source/stored-bytes.js';
import type { LogOnHost } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { type CopyStore, keepIn, leaveAt } from './copy-store.js';
import { hasRoom } from './disk.js';
import type { Stores } from './file-copy.js';
import { openRange } from './open-tail.js';
import { RemoteFile } from './remote-file.js';
import type { Rescue } from './rescue.js';

/** More than any file has: a transfer goes on as far as it is read. */
const endless = Number.MAX_SAFE_INTEGER;

/**
 * Where fetched bytes are and how they are read again: in the work directory, or, when its disk has no room, where
 * they lie on their host.
 */
export class StoredTails {
  readonly #minFreeBytes: number;
  readonly #notice: (text: string) => void;
  /** How to open bytes that stayed on their host, by the name that extents call them. */
  readonly #remote = new Map<string, () => StoredFile>();

  constructor(minFreeBytes: number, notice: (text: string) => void) {
    this.#minFreeBytes = minFreeBytes;
    this.#notice = notice;
  }

  /** Opens what an extent's path names. */
  async open(path: string): Promise<StoredFile> {
    return this.#remote.get(path)?.() ?? (await open(path, 'r'));
  }

  hasRoom(folder: string, bytes: number): Promise<boolean> {
    return hasRoom(folder, bytes, this.#minFreeBytes);
  }

  storesFor(rescue: Rescue, request: LogOnHost, door: Door): Stores {
    const { runDir } = rescue.source;
    const leave = (file: string): CopyStore => this.#leave(request, file, door);
    return {
      ledger: rescue.ledger,
      heads: rescue.heads,
      choose: async ({ file, from, expected }, description) =>
        (await this.hasRoom(runDir, expected)) ? keepIn(runDir, { file, from, description }) : leave(file),
      leave,
    };
  }

  #leave({ host, binlogBase }: LogOnHost, file: string, door: Door): CopyStore {
    const name = `${host}:${posix.join(posix.dirname(binlogBase), file)}`;
    this.#notice(`no room to keep ${file}: it is served from where it lies, ${name}`);
    this.#remote.set(
      name,
      () => new RemoteFile((from) => openRange(door, binlogBase, { file, from, to: from + endless })),
    );
    return leaveAt(name);
  }
}
