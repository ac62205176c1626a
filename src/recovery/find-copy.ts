import { compareCoordinates, type Coordinates, firstPosition } from '../model/coordinates.js';
import { describeError, isFault } from '../model/fault.js';
import type { CopyRequest, FoundCopy } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { listLog, openRange } from './open-tail.js';
import { headBytes } from './tail-command.js';
import { whoseElse } from './tail-defects.js';

/**
 * The copy of a source's binary log on a host: of the directories that are named the one whose newest file is furthest. What
 * a program like `mysqlbinlog --raw` streams there has the source's names and bytes, and no index.
 */
export async function findCopy(request: CopyRequest, door: Door, signal: AbortSignal): Promise<FoundCopy> {
  const tries = await Promise.all(
    request.directories.map((directory) => lookIn(directory.replace(/\/+$/, ''), request, door, signal)),
  );
  const found = tries.flatMap((one) => (one.found ? [one] : []));
  const [best] = found.sort((a, b) => compareCoordinates(b.log.end, a.log.end));
  if (best !== undefined) return best;
  return { found: false, why: tries.flatMap((one) => (one.found ? [] : [one.why])).join('; ') };
}

async function lookIn(
  directory: string,
  { host, name, serverId }: CopyRequest,
  door: Door,
  signal: AbortSignal,
): Promise<FoundCopy> {
  const binlogBase = `${directory}/${name}`;
  let end: Coordinates | undefined;
  try {
    const files = await listLog(door, binlogBase, signal);
    // A file that was just begun is empty, or has a part of its head.
    const newest = files.findLast(({ size }) => size > firstPosition);
    end = newest === undefined ? undefined : { file: newest.file, position: newest.size };
  } catch (error) {
    signal.throwIfAborted();
    if (!isFault(error, 'BINLOG_DIR_UNREADABLE')) throw error;
    return { found: false, why: describeError(error) };
  }
  if (end === undefined) return { found: false, why: `${directory} holds no file of the name ${name}.NUMBER` };
  const reader = await openRange(door, binlogBase, { file: end.file, from: 0, to: headBytes }, signal);
  try {
    const foreign = whoseElse(end.file, await reader.bytes(Math.min(headBytes, end.position)), serverId);
    if (foreign !== undefined) return { found: false, why: `${directory}: ${foreign.text}` };
    return { found: true, log: { host, binlogBase, end } };
  } finally {
    reader.close();
  }
}
