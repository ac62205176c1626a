import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Ledger } from '../../src/binlog/ledger.js';
import { BinlogWalker } from '../../src/binlog/walker.js';
import type { Coordinates } from '../../src/model/coordinates.js';

/** A dead server's binary logs, walked from the given file on and held in a ledger where they lie. */
export async function holdFiles(
  folder: string,
  fromFile: string,
): Promise<{ readonly ledger: Ledger; readonly end: Coordinates; readonly bytes: number; readonly files: number }> {
  const ledger = new Ledger();
  const names = (await readdir(folder)).filter((name) => /^bin\.\d+$/.test(name) && name >= fromFile).sort();
  let end: Coordinates = { file: fromFile, position: 4 };
  let bytes = 0;
  for (const file of names) {
    const walker = await walk(join(folder, file), file);
    if (walker.description !== undefined) ledger.describe(file, walker.description);
    ledger.grow({ file, from: 4, to: walker.verifiedUpTo, path: join(folder, file), offset: 4 });
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
