import { type FileHandle, unlink } from 'node:fs/promises';
import { type AnnotationFiller, fillerPieces } from '../binlog/annotation-filler.js';
import type { HeldExtent } from '../binlog/ledger.js';
import type { Placed } from '../binlog/relay-bytes.js';
import type { RunPart } from '../binlog/relay-run.js';
import { layOutSavedFile, type SavedFileLayout } from '../binlog/saved-file.js';
import { BlockWriter } from './block-writer.js';
import { createFile } from './copy-store.js';

export interface RelayStoreParts {
  readonly folder: string;
  /** What the files' names begin with. */
  readonly prefix: string;
  /** The source's format description for one of its files. */
  describe(file: string): Buffer | undefined;
}

interface StoredPart {
  readonly file: string;
  readonly path: string;
  readonly layout: SavedFileLayout;
}

interface OpenPart extends StoredPart {
  readonly handle: FileHandle;
  readonly writer: BlockWriter;
}

/**
 * The files that a relay log becomes: one for each of the source's files, a valid binary log with the source's bytes
 * at the source's places. Nothing in them counts until `finish` has cut them to what is proven.
 */
export class RelayStore {
  readonly #parts: RelayStoreParts;
  /** The stream has gone on to another file behind them. */
  #done: StoredPart[] = [];
  #open: OpenPart | undefined;

  constructor(parts: RelayStoreParts) {
    this.#parts = parts;
  }

  async put(placed: readonly Placed[]): Promise<void> {
    for (const item of placed) {
      if (item.kind === 'anew') await this.discard();
      else if (item.kind === 'filler') await this.#fill(item.filler);
      else await this.#write(item.file, item.position, item.bytes);
    }
  }

  /** Keeps these parts of what was put, makes them last, and says where they are. */
  async finish(parts: readonly RunPart[]): Promise<readonly HeldExtent[]> {
    const end = parts.find(({ file }) => file === this.#open?.file)?.to;
    if (end === undefined) await this.#drop();
    else await this.#settle(end);
    return this.#done.flatMap(({ file, path, layout }) => {
      const part = parts.find((one) => one.file === file);
      return part === undefined ? [] : [{ ...part, path, offset: layout.offsetOf(part.from) }];
    });
  }

  /** Removes everything that was put. */
  async discard(): Promise<void> {
    await this.#drop();
    for (const { path } of this.#done.splice(0)) await unlink(path);
  }

  /** Removes the file that is being written. */
  async #drop(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await open?.handle.close();
    if (open !== undefined) await unlink(open.path);
  }

  /** Ends the file that is being written: at a position, or with what was put. */
  async #settle(end?: number): Promise<void> {
    const open = this.#open;
    if (open === undefined) return;
    await open.writer.flush();
    if (end !== undefined) await open.handle.truncate(open.layout.offsetOf(end));
    await open.handle.sync();
    await open.handle.close();
    this.#open = undefined;
    this.#done.push(open);
  }

  #partOf(file: string): OpenPart | undefined {
    return this.#open?.file === file ? this.#open : undefined;
  }

  async #create(file: string, from: number): Promise<OpenPart> {
    await this.#settle();
    const description = this.#parts.describe(file);
    if (description === undefined) throw new Error(`the relay log does not describe ${file}`);
    const layout = layOutSavedFile(description, from);
    const name = `${this.#parts.prefix}.${file}.from-${String(from)}`;
    const { path, handle } = await createFile(this.#parts.folder, name);
    const part = { file, path, handle, layout, writer: new BlockWriter(handle) };
    this.#open = part;
    await part.writer.put(layout.head, 0);
    return part;
  }

  async #write(file: string, position: number, bytes: Buffer): Promise<void> {
    const { writer, layout } = this.#partOf(file) ?? (await this.#create(file, position));
    await writer.put(bytes, layout.offsetOf(position));
  }

  async #fill(filler: AnnotationFiller): Promise<void> {
    let { position } = filler;
    for (const piece of fillerPieces(filler)) {
      await this.#write(filler.file, position, piece);
      position += piece.length;
    }
  }
}
