import type { HeldExtent, Ledger } from '../binlog/ledger.js';
import { RelayLogWalker } from '../binlog/relay-log.js';
import type { RelayRun } from '../binlog/relay-run.js';
import { compareCoordinates, type Coordinates, firstPosition, formatCoordinates } from '../model/coordinates.js';
import type { Defect, RelayRequest, SavedRange } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';
import { hasCode } from './copy-store.js';
import { stallMs } from './open-tail.js';
import { PullReader } from './pull-reader.js';
import { listRelay } from './list-relay.js';
import { relayFileCommand } from './relay-command.js';
import { filesSince, type RelayFile } from './relay-listing.js';
import { RelayStore } from './relay-store.js';

export interface RelayParts {
  readonly door: Door;
  readonly ledger: Ledger;
  readonly folder: string;
  hasRoomFor(bytes: number): Promise<boolean>;
  onPiece(bytes: number): void;
}

/** Filled-in annotations are not part of the relay log's size; after so many bytes of them the disk is looked at. */
const fillStep = 16 * 1024 * 1024;

/**
 * Copies what a relay log holds of the source's events from a place on into files like the source's own, and enters
 * into the ledger what is proven whole and without a hole. A relay log is copied, never read in place: the replica
 * removes it as it is repointed.
 */
export async function copyRelay(request: RelayRequest, parts: RelayParts, signal: AbortSignal): Promise<SavedRange> {
  const files = filesSince(await listRelay(request, parts.door, signal), placeOf(request));
  const copy = new RelayCopy(request, parts, files, signal);
  try {
    return await copy.run();
  } catch (error) {
    await copy.discard();
    if (error instanceof NoRoom || hasCode(error, 'ENOSPC') || hasCode(error, 'EDQUOT')) {
      return nothing(request, noRoom(request, copy.needed));
    }
    throw error;
  }
}

/** Everything is behind this place. */
const beginning: Coordinates = { file: '', position: firstPosition };

function placeOf({ from }: RelayRequest): Coordinates {
  return from ?? beginning;
}

class NoRoom extends Error {
  override readonly name = 'NoRoom';
}

class RelayCopy {
  readonly #request: RelayRequest;
  readonly #parts: RelayParts;
  readonly #files: readonly RelayFile[];
  readonly #signal: AbortSignal;
  readonly #walker: RelayLogWalker;
  readonly #store: RelayStore;
  readonly #size: number;
  #copied = 0;
  /** Filled-in bytes that room was found for. */
  #granted = 0;

  constructor(request: RelayRequest, parts: RelayParts, files: readonly RelayFile[], signal: AbortSignal) {
    this.#request = request;
    this.#parts = parts;
    this.#files = files;
    this.#signal = signal;
    this.#size = files.reduce((sum, { size }) => sum + size, 0);
    const walker = new RelayLogWalker(placeOf(request), request.received);
    this.#walker = walker;
    this.#store = new RelayStore({
      folder: parts.folder,
      prefix: `relay.${request.host}`.replaceAll(/[^\w.-]/g, '_'),
      describe: (file) => walker.descriptions.get(file),
    });
  }

  /** Bytes of disk that the copy takes, as far as is known. */
  get needed(): number {
    return this.#size + this.#walker.filled;
  }

  async run(): Promise<SavedRange> {
    await this.#demandRoom(0);
    for (const file of this.#files) {
      if (!this.#walker.isSettled) await this.#copyFile(file);
    }
    const { run } = this.#walker;
    if (run === undefined) {
      await this.#store.discard();
      return nothing(this.#request, notThere(this.#request, this.#walker));
    }
    return hold(this.#request, this.#parts.ledger, this.#walker, run, await this.#store.finish(run.parts));
  }

  discard(): Promise<void> {
    return this.#store.discard();
  }

  async #copyFile({ name, size }: RelayFile): Promise<void> {
    const command = relayFileCommand(this.#request, name, size);
    const reader = new PullReader(await this.#parts.door.read(command, { signal: this.#signal }), stallMs);
    try {
      this.#walker.startFile(name);
      for await (const piece of reader.chunks(size)) {
        const placed = this.#walker.push(piece);
        await this.#demandRoomToFill();
        await this.#store.put(placed);
        this.#copied += piece.length;
        this.#parts.onPiece(this.#copied);
        if (this.#walker.isFileSpent) break;
      }
      this.#walker.endFile();
    } finally {
      reader.close();
    }
  }

  async #demandRoomToFill(): Promise<void> {
    const { filled } = this.#walker;
    if (filled <= this.#granted) return;
    const more = filled - this.#granted + fillStep;
    this.#granted += more;
    await this.#demandRoom(more);
  }

  async #demandRoom(filled: number): Promise<void> {
    if (!(await this.#parts.hasRoomFor(this.#size - this.#copied + filled))) throw new NoRoom();
  }
}

/** What begins too late for the place asked for may still be what another replica needs. */
function hold(
  request: RelayRequest,
  ledger: Ledger,
  walker: RelayLogWalker,
  run: RelayRun,
  extents: readonly HeldExtent[],
): SavedRange {
  for (const [file, description] of walker.descriptions) ledger.describe(file, description);
  ledger.growAll(extents);
  for (const { file, end, next } of run.completed) ledger.complete(file, end, next);
  const { from, to, transactions, gtids } = run;
  const place = request.from ?? from;
  const isHeld = compareCoordinates(from, place) <= 0 && compareCoordinates(place, to) <= 0;
  const defect = isHeld ? run.defect : tooLate(request, run);
  return {
    from,
    to,
    bytes: extents.reduce((sum, extent) => sum + extent.to - extent.from, 0),
    transactions,
    gtids,
    ...(defect === undefined ? {} : { defect }),
    files: extents.map(({ path }) => path),
  };
}

function nothing(request: RelayRequest, defect: Defect): SavedRange {
  const place = placeOf(request);
  return { from: place, to: place, bytes: 0, transactions: 0, gtids: '', defect, files: [] };
}

function notThere(request: RelayRequest, walker: RelayLogWalker): Defect {
  const { problem } = walker;
  if (problem === undefined && walker.isUnnamed) {
    const text = "the relay log does not say which of the source's files its events are from";
    return { kind: 'gap', at: placeOf(request), text };
  }
  const text = problem?.text ?? 'the relay log holds no event of the source: what was there is applied and removed';
  return { kind: problem?.kind ?? 'gap', at: placeOf(request), text };
}

function tooLate(request: RelayRequest, run: RelayRun): Defect {
  const text = `the relay log holds ${formatCoordinates(run.from)} to ${formatCoordinates(run.to)} only`;
  return { kind: 'gap', at: placeOf(request), text };
}

function noRoom(request: RelayRequest, bytes: number): Defect {
  const text = `there is no room on the manager's disk for ${String(bytes)} bytes of relay log`;
  return { kind: 'unreadable', at: placeOf(request), text };
}
