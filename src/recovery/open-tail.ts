import { describeError, Fault, isFault } from '../model/fault.js';
import type { Coordinates } from '../model/coordinates.js';
import type { Door } from '../ports/shell.js';
import type { LogOnHost } from '../ports/recovery.js';
import { type ListedFile, parseListing } from './listing.js';
import { PullReader } from './pull-reader.js';
import { headBytes, listCommand, logPlace, openTailCommand, rangeCommand } from './tail-command.js';

/** Milliseconds without a byte after which a transfer counts as broken: a dead disk does not say so by itself. */
export const stallMs = 20_000;
const listDeadlineMs = 20_000;
/** A listing of a hundred thousand files fits many times. */
const listMaxBytes = 16 * 1024 * 1024;

/** A part of one log. */
export interface FetchRequest extends LogOnHost {
  readonly from: Coordinates;
  /** Exclusive end; left out: to the end of the newest file. */
  readonly until?: Coordinates;
  readonly limitBytes?: number;
  /** It is a copy: files that another server wrote are not taken; 0: which one is not known. Left out: the source's own. */
  readonly ofServer?: number;
}

/** What the first look at the log brought: its files, and the first one with its head and its bytes to come. */
export type OpenedTail =
  | { readonly kind: 'missing' | 'unreadable'; readonly files: readonly ListedFile[] }
  | {
      readonly kind: 'open';
      readonly files: readonly ListedFile[];
      /** The first file's size as it was when its bytes began to come. */
      readonly size: number;
      readonly head: Buffer;
      readonly bytes: PullReader;
    };

/** Lists the log and opens its first file by one command. Throws when the directory cannot be read. */
export async function openTail(door: Door, request: FetchRequest, signal: AbortSignal): Promise<OpenedTail> {
  const place = logPlace(request.binlogBase);
  const limit = request.until?.file === request.from.file ? request.until.position : undefined;
  const command = openTailCommand(place, request.from.file, request.from.position, limit);
  const bytes = new PullReader(await door.read(command, { signal }), stallMs);
  const lines: string[] = [];
  let line = await firstLine(bytes, door, place.directory, signal);
  while (line !== undefined && !line.startsWith('. ')) {
    lines.push(line);
    line = await bytes.line();
  }
  const files = parseListing(lines.join('\n'), place.baseName);
  const said = line?.slice(2);
  if (said === 'missing') return { kind: 'missing', files };
  if (said === undefined || !/^\d+$/.test(said)) return { kind: 'unreadable', files };
  const size = Number(said);
  const head = await bytes.bytes(Math.min(size, headBytes));
  return { kind: 'open', files, size, head, bytes };
}

/** The command fails before its first line when the directory cannot be entered. */
async function firstLine(
  bytes: PullReader,
  door: Door,
  directory: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    return await bytes.line();
  } catch (error) {
    signal.throwIfAborted();
    if (isFault(error) && error.code !== 'SSH_COMMAND_FAILED') throw error;
    throw dirUnreadable(door, directory, describeError(error), error);
  }
}

function dirUnreadable(door: Door, directory: string, message: string, cause?: unknown): Fault {
  return new Fault('BINLOG_DIR_UNREADABLE', { host: door.host, directory, message }, { cause });
}

/** The log's files as they are now. */
export async function listLog(door: Door, binlogBase: string, signal: AbortSignal): Promise<readonly ListedFile[]> {
  const place = logPlace(binlogBase);
  const options = { deadlineMs: listDeadlineMs, maxBytes: listMaxBytes, signal };
  const { code, stdout, stderr } = await door.run(listCommand(place), options);
  if (code === 66) throw dirUnreadable(door, place.directory, stderr.trim());
  // `wc` instead of `stat` leaves the status of its last test behind; only what was printed counts.
  if (stdout === '' && code !== 0) {
    const facts = { host: door.host, status: String(code), message: stderr, purpose: 'list the binary logs' };
    throw new Fault('SSH_COMMAND_FAILED', facts);
  }
  return parseListing(stdout, place.baseName);
}

/** The bytes of one file between two positions, as a reader. */
export async function openRange(
  door: Door,
  binlogBase: string,
  range: { readonly file: string; readonly from: number; readonly to: number },
  signal?: AbortSignal,
): Promise<PullReader> {
  const command = rangeCommand(logPlace(binlogBase), range.file, range.from, range.to - range.from);
  return new PullReader(await door.read(command, signal === undefined ? {} : { signal }), stallMs);
}
