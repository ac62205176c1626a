import { BinlogWalker } from '../binlog/walker.js';
import { type Coordinates, firstPosition } from '../model/coordinates.js';
import { parseMariadbGtids, startsBehind } from '../model/gtid-mariadb.js';
import { type History, isEmptyHistory, lackingIn, parseHistory } from '../model/history.js';
import type { LogOnHost, StartRequest } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import type { ListedFile } from './listing.js';
import { listLog, openRange } from './open-tail.js';

/** A set of a few thousand intervals fits; a longer one is read in a second piece: any that the walker looks into (1 MiB). */
const firstPiece = 64 * 1024;
const lastPiece = firstPiece + 1024 * 1024;

/**
 * The start of the newest file before which a server that holds these transactions lacks nothing: what it misses begins
 * there or behind. Each file's head says what came before it, so a few heads are read: the newest one, then further and
 * further back, then between. Undefined when the oldest file begins too late as well.
 */
export async function findStart(
  { binlogBase, family, held: text }: LogOnHost & Omit<StartRequest, 'logs'>,
  door: Door,
  signal: AbortSignal,
): Promise<Coordinates | undefined> {
  const held = parseHistory(family, text);
  if (held === undefined) return undefined;
  const files = await listLog(door, binlogBase, signal);
  const covers = async (index: number): Promise<boolean> => {
    const file = files[index];
    if (file === undefined) return false;
    const before = await readBefore(door, binlogBase, file, signal);
    return before !== undefined && (before === '' || begins(held, before));
  };
  const index = await newestIndex(files.length, covers);
  const file = index === undefined ? undefined : files[index];
  return file === undefined ? undefined : { file: file.file, position: firstPosition };
}

/** The greatest index that `covers`, where all below the first one that does not are taken to cover too. */
export async function newestIndex(
  count: number,
  covers: (index: number) => Promise<boolean>,
): Promise<number | undefined> {
  let above = count;
  let step = 1;
  let low = count - 1;
  while (low >= 0 && !(await covers(low))) {
    above = low;
    low = low === 0 ? -1 : Math.max(0, low - step);
    step *= 2;
  }
  if (low < 0) return undefined;
  while (above - low > 1) {
    const middle = Math.floor((low + above) / 2);
    if (await covers(middle)) low = middle;
    else above = middle;
  }
  return low;
}

/** What came before a file, as its head says; empty before the first one, undefined when the head does not tell. */
async function readBefore(
  door: Door,
  binlogBase: string,
  { file, size }: ListedFile,
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const piece of [firstPiece, lastPiece]) {
    const length = Math.min(size, piece);
    const reader = await openRange(door, binlogBase, { file, from: 0, to: length }, signal);
    try {
      const walker = new BinlogWalker({ file });
      walker.push(await reader.bytes(length));
      if (walker.gtidsBefore !== undefined) return walker.gtidsBefore;
      if (walker.defect !== undefined || length === size) return undefined;
    } finally {
      reader.close();
    }
  }
  return undefined;
}

/** Whether a server that holds this goes on at or behind the place whose past is `before`. */
function begins(held: History, before: string): boolean {
  if (held.family === 'mariadb') return startsBehind(held.position, parseMariadbGtids(before) ?? []);
  const past = parseHistory('mysql', before);
  return past !== undefined && isEmptyHistory(lackingIn(held, past));
}
