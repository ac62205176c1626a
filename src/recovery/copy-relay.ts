import { posix } from 'node:path';
import type { Ledger } from '../binlog/ledger.js';
import { holdRun, RelayLogWalker, runHolding } from '../binlog/relay-log.js';
import type { RelayRun } from '../binlog/relay-run.js';
import { formatCoordinates } from '../model/coordinates.js';
import { Fault } from '../model/fault.js';
import type { Defect, RelayRequest, SavedRange } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { createFile, writeWhole } from './copy-store.js';
import { stallMs } from './open-tail.js';
import { PullReader } from './pull-reader.js';
import { relayFileCommand, relayHeadBytes, relayListCommand } from './relay-command.js';
import { beginningOf, filesSince, parseRelayLine, type RelayFile } from './relay-listing.js';

export interface RelayParts {
  readonly door: Door;
  readonly ledger: Ledger;
  readonly folder: string;
  hasRoomFor(bytes: number): Promise<boolean>;
  onPiece(bytes: number): void;
}

/**
 * Copies the relay files that hold the source's events from a place on, and enters into the ledger what is proven
 * whole and without a hole. A relay log is copied, never read in place: the replica removes it as it is repointed.
 */
export async function copyRelay(request: RelayRequest, parts: RelayParts, signal: AbortSignal): Promise<SavedRange> {
  const files = filesSince(await listRelay(request, parts.door, signal), request.from);
  const needed = files.reduce((sum, { size }) => sum + size, 0);
  if (!(await parts.hasRoomFor(needed))) return nothing(request, noRoom(request, needed));
  const walker = new RelayLogWalker();
  const paths: string[] = [];
  let done = 0;
  for (const file of files) {
    const onPiece = (bytes: number): void => {
      done += bytes;
      parts.onPiece(done);
    };
    paths.push(await copyFile(request, file, { ...parts, onPiece }, walker, signal));
  }
  return hold(request, parts.ledger, walker, paths);
}

async function listRelay(request: RelayRequest, door: Door, signal: AbortSignal): Promise<readonly RelayFile[]> {
  const reader = new PullReader(await door.read(relayListCommand(request), { signal }), stallMs);
  try {
    const files: RelayFile[] = [];
    for (let line = await reader.line(); line !== '.'; line = await reader.line()) {
      if (line === undefined) throw new Error('the list of relay files ended early');
      const file = parseRelayLine(line);
      if (file !== undefined) files.push(file);
    }
    return await withBeginnings(files, reader);
  } catch (error) {
    signal.throwIfAborted();
    const purpose = `list the relay log of ${request.relayLogIndex}`;
    const message = error instanceof Error ? error.message : String(error);
    throw new Fault('SSH_COMMAND_FAILED', { host: door.host, status: 'an error', message, purpose }, { cause: error });
  } finally {
    reader.close();
  }
}

async function withBeginnings(files: readonly RelayFile[], reader: PullReader): Promise<readonly RelayFile[]> {
  const seen: RelayFile[] = [];
  for (const file of files) {
    const begins = beginningOf(await reader.bytes(Math.min(file.size, relayHeadBytes)));
    seen.push(begins === undefined ? file : { ...file, begins });
  }
  return seen;
}

async function copyFile(
  request: RelayRequest,
  file: RelayFile,
  parts: RelayParts,
  walker: RelayLogWalker,
  signal: AbortSignal,
): Promise<string> {
  const name = `relay.${request.host}.${posix.basename(file.name)}`.replaceAll(/[^\w.-]/g, '_');
  const { path, handle } = await createFile(parts.folder, name);
  const reader = new PullReader(
    await parts.door.read(relayFileCommand(request, file.name, file.size), { signal }),
    stallMs,
  );
  try {
    walker.startFile(path);
    let position = 0;
    for await (const piece of reader.chunks(file.size)) {
      await writeWhole(handle, piece, position);
      position += piece.length;
      walker.push(piece);
      parts.onPiece(piece.length);
    }
    walker.endFile();
    await handle.sync();
  } finally {
    reader.close();
    await handle.close();
  }
  return path;
}

/** What begins too late for the place asked for may still be what another replica needs. */
function hold(request: RelayRequest, ledger: Ledger, walker: RelayLogWalker, files: readonly string[]): SavedRange {
  const runs = walker.runs();
  const holding = runHolding(runs, request.from);
  const run = holding ?? runs.at(-1);
  if (run === undefined) return { ...nothing(request, notThere(request, walker)), files };
  holdRun(ledger, walker, run);
  const defect = holding === undefined ? tooLate(request, run) : run.defect;
  return {
    from: run.from,
    to: run.to,
    bytes: run.extents.reduce((sum, { from, to }) => sum + to - from, 0),
    transactions: run.transactions,
    gtids: run.gtids,
    ...(defect === undefined ? {} : { defect }),
    files,
  };
}

function nothing(request: RelayRequest, defect: Defect): SavedRange {
  return { from: request.from, to: request.from, bytes: 0, transactions: 0, gtids: '', defect, files: [] };
}

function notThere(request: RelayRequest, walker: RelayLogWalker): Defect {
  const { problem } = walker;
  const text = problem?.text ?? 'the relay log holds no event of the source: what was there is applied and removed';
  return { kind: problem?.kind ?? 'gap', at: request.from, text };
}

function tooLate(request: RelayRequest, run: RelayRun): Defect {
  const text = `the relay log holds ${formatCoordinates(run.from)} to ${formatCoordinates(run.to)} only`;
  return { kind: 'gap', at: request.from, text };
}

function noRoom(request: RelayRequest, bytes: number): Defect {
  const text = `there is no room on the manager's disk for ${String(bytes)} bytes of relay log`;
  return { kind: 'unreadable', at: request.from, text };
}
