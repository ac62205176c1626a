import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ledger } from '../../src/binlog/ledger.js';
import type { Extent, ServedLog } from '../../src/binlog/served-log.js';
import { BinlogWalker } from '../../src/binlog/walker.js';
import type { Coordinates } from '../../src/model/coordinates.js';

/** A dead server's binary logs, walked from the given place on and held in a ledger where they lie. */
export async function holdFiles(
  folder: string,
  { file: fromFile, position }: Coordinates,
): Promise<{ readonly ledger: Ledger; readonly end: Coordinates; readonly bytes: number; readonly files: number }> {
  const ledger = new Ledger();
  const names = (await readdir(folder)).filter((name) => /^bin\.\d+$/.test(name) && name >= fromFile).sort();
  let end: Coordinates = { file: fromFile, position: 4 };
  let bytes = 0;
  for (const file of names) {
    const walker = await walk(join(folder, file), file);
    if (walker.description !== undefined) ledger.describe(file, walker.description);
    const from = file === fromFile ? position : 4;
    ledger.grow({ file, from, to: walker.verifiedUpTo, path: join(folder, file), offset: from });
    const next = names[names.indexOf(file) + 1];
    if (next !== undefined) ledger.complete(file, walker.verifiedUpTo, next);
    end = { file, position: walker.verifiedUpTo };
    bytes += walker.verifiedUpTo;
  }
  return { ledger, end, bytes, files: names.length };
}

async function walk(path: string, file: string): Promise<BinlogWalker> {
  const walker = new BinlogWalker({ file });
  const stored = await open(path, 'r');
  const block = Buffer.alloc(1 << 20);
  for (;;) {
    const { bytesRead } = await stored.read(block, 0, block.length);
    if (bytesRead === 0) break;
    walker.push(block.subarray(0, bytesRead));
  }
  await stored.close();
  return walker;
}

/** A log that ends at a place until it is released: the fetch has come so far. */
export class GrowingLog implements ServedLog {
  open = false;
  readonly #log: ServedLog;
  readonly #limit: Coordinates;
  readonly #listeners = new Set<() => void>();

  constructor(log: ServedLog, limit: Coordinates) {
    this.#log = log;
    this.#limit = limit;
  }

  release(): void {
    this.open = true;
    for (const listener of this.#listeners) listener();
  }

  extentAt(place: Coordinates): Extent | undefined {
    const extent = this.#log.extentAt(place);
    if (this.open || extent === undefined || place.file !== this.#limit.file) return extent;
    return { ...extent, to: Math.min(extent.to, this.#limit.position) };
  }

  continueAt(place: Coordinates): Coordinates | undefined {
    const atLimit = place.file === this.#limit.file && place.position >= this.#limit.position;
    return atLimit && !this.open ? undefined : this.#log.continueAt(place);
  }

  description(file: string): Buffer | undefined {
    return this.#log.description(file);
  }

  start(): Coordinates | undefined {
    return this.#log.start();
  }

  onGrowth(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
