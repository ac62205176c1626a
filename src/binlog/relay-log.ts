import { compareCoordinates, type Coordinates, firstPosition, nextFile } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import { checksumLength } from './checksum.js';
import { rewriteDescription } from './description.js';
import { eventType } from './event-types.js';
import { readGtid } from './gtid-collector.js';
import { eventFlag, type EventHeader, headerSize } from './header.js';
import type { Ledger } from './ledger.js';
import { type RelayRun, RunBuilder } from './relay-run.js';
import { parseRotate } from './rotate.js';
import { EventScanner, type ScanProblem } from './scanner.js';
import { announcesTransaction, roleOf } from './transaction.js';

/**
 * Finds the source's events in a replica's relay log and gives them back their places in the source's binary log:
 *
 *     const walker = new RelayLogWalker();
 *     for each relay file, oldest first: walker.startFile(path); walker.push(chunk)...; walker.endFile();
 *     const run = runHolding(walker.runs(), place); if (run) holdRun(ledger, walker, run);
 *
 * A relay log keeps the source's events as they are, with the source's log_pos, between bookkeeping of its own. The
 * receiver drops some (its own server id, ignored ids and domains, what a GTID start skips), so every event must
 * start where the last one ended; where not, the run ends and another begins behind the hole. State goes over relay
 * file borders: a relay file may begin in the middle of the source's file and of a transaction.
 */
export class RelayLogWalker {
  readonly #runs: RunBuilder[] = [];
  readonly #descriptions = new Map<string, Buffer>();
  #scanner: EventScanner | undefined;
  #path = '';
  /** Where the receiver is reading: the file, and a place at or before the next event, to undo the wrap of log_pos. */
  #reading: Coordinates | undefined;
  /** No event of the file that is read was skipped or relayed yet, but for its head. */
  #atHead = false;
  /** Where the description of the file that is read ends. */
  #headEnd = 0;
  #announced = false;
  /** What stopped the last relay file; the reason of the hole that follows. */
  #problem: ScanProblem | undefined;

  /** Begins the next relay file; `path` is where its extents will point. */
  startFile(path: string): void {
    this.endFile();
    this.#path = path;
    this.#scanner = new EventScanner({
      start: { kind: 'head' },
      checkPositions: false,
      onEvent: (header, head, offset) => this.#take(header, head, offset),
    });
  }

  push(chunk: Buffer): void {
    this.#scanner?.push(chunk);
  }

  /** Ends the present relay file. Bytes of an event that is not whole are left out. */
  endFile(): void {
    const scanner = this.#scanner;
    if (scanner === undefined) return;
    this.#scanner = undefined;
    this.#problem = scanner.problem ?? this.#problem;
    if (this.#problem === undefined && scanner.pending > 0) {
      this.#problem = { kind: 'torn', position: scanner.position, text: scanner.describePending() };
    }
  }

  /** Stretches without holes, oldest first; the last one may still grow. */
  runs(): readonly RelayRun[] {
    const built = this.#runs.map((run) => run.build());
    const last = built.at(-1);
    if (last === undefined || last.defect !== undefined || this.#problem === undefined) return built;
    return [...built.slice(0, -1), { ...last, defect: this.#explain(last.to, this.#problem) }];
  }

  /** What stopped the reading of a relay file, when no event of the source came before it. */
  get problem(): ScanProblem | undefined {
    return this.#problem;
  }

  /** The source's format descriptions by source file, as a file of the source holds them. */
  get descriptions(): ReadonlyMap<string, Buffer> {
    return this.#descriptions;
  }

  #take(header: EventHeader, head: Buffer, offset: number): ScanProblem | undefined {
    if (header.type === eventType.startEncryption) {
      return {
        kind: 'encrypted',
        position: offset,
        text: 'the relay log is encrypted; its key is on the replica only',
      };
    }
    if ((header.flags & eventFlag.relayLog) !== 0) return undefined;
    if (header.type === eventType.formatDescription) this.#describe(head);
    else if (header.type === eventType.rotate) this.#rotate(header, head, offset);
    else if ((header.flags & eventFlag.artificial) === 0) this.#relay(header, head, offset);
    return undefined;
  }

  /** The source's description: stored anew at each connection, with its place and time of creation blanked. */
  #describe(event: Buffer): void {
    const description = this.#scanner?.description;
    if (this.#reading === undefined || description === undefined) return;
    const end = firstPosition + event.length;
    this.#announced = description.announcesTransactions;
    if (!this.#descriptions.has(this.#reading.file)) {
      const stored = rewriteDescription(event, { logPosition: end });
      stored.writeUInt16LE(0, headerSize - 2);
      this.#descriptions.set(this.#reading.file, rewriteDescription(stored, {}));
    }
    if (!this.#atHead) return;
    this.#headEnd = end;
    this.#reading = { file: this.#reading.file, position: end };
    const run = this.#runs.at(-1);
    if (run?.isAtHead === true && run.expected.file === this.#reading.file && run.expected.position < end) {
      run.skipHead(end);
    }
  }

  #rotate(header: EventHeader, head: Buffer, offset: number): void {
    const target = parseRotate(head, this.#scanner?.checksum ?? 'none');
    if (target === undefined) return;
    if (header.serverId === 0) this.#standIn(target);
    else if ((header.flags & eventFlag.artificial) !== 0) this.#connectAt(target);
    else {
      this.#relay(header, head, offset);
      this.#crossTo(target.file);
    }
  }

  /**
   * A rotate of server id 0 stands for events that the receiver did not store. Directly behind a file's description
   * that is MySQL's PREVIOUS_GTIDS, which no replica needs; its size tells it from dropped transactions as well as can
   * be told. Anywhere else transactions are missing.
   */
  #standIn(target: Coordinates): void {
    const isHead = this.#atHead && target.file === this.#reading?.file && this.#reading.position === this.#headEnd;
    const size = target.position - this.#headEnd - headerSize - checksumLength(this.#scanner?.checksum ?? 'none');
    const run = this.#runs.at(-1);
    this.#atHead = isHead && size >= 8 && size % 8 === 0;
    if (this.#atHead && run?.isAtHead === true && run.expected.file === target.file) run.skipHead(target.position);
    this.#reading = target;
  }

  /** The source says where what follows belongs: a new connection, or the next file. */
  #connectAt(target: Coordinates): void {
    const run = this.#runs.at(-1);
    const follows = run !== undefined && target.file === nextFile(run.expected.file);
    // A source that was restarted or crashed leaves its file without a rotate; receivers do not store its STOP.
    if (follows && target.position === firstPosition && run.isOutside && this.#reading?.file === run.expected.file) {
      this.#crossTo(target.file);
    }
    this.#reading = target;
    this.#atHead = target.position === firstPosition;
  }

  #crossTo(file: string): void {
    const run = this.#runs.at(-1);
    if (run?.expected.file === this.#reading?.file && run?.isOutside === true) run.cross(file, firstPosition);
    this.#reading = { file, position: firstPosition };
    this.#atHead = true;
  }

  /** An event of the source's file. */
  #relay(header: EventHeader, head: Buffer, offset: number): void {
    if (this.#reading === undefined) return;
    const at = this.#placeOf(header, this.#reading);
    const atHead = this.#atHead && at.position === this.#reading.position;
    this.#reading = { file: at.file, position: at.position + header.size };
    this.#atHead = false;
    const role = roleOf(header, head, this.#scanner?.checksum ?? 'none');
    const run = this.#runFor(at, role === 'file', atHead);
    if (run === undefined) return;
    const gtid = announcesTransaction(role) ? readGtid(header, head) : undefined;
    const event = { role, position: at.position, size: header.size, path: this.#path, offset, gtid };
    if (run.take(event)) return;
    run.endWith({ kind: 'torn', at, text: 'another transaction begins inside of one' });
    this.#begin(at, false).take(event);
  }

  /** log_pos is the event's end modulo 2^32, and a connection only moves forward. */
  #placeOf(header: EventHeader, near: Coordinates): Coordinates {
    const distance = (header.logPosition - header.size - near.position) % 2 ** 32;
    return { file: near.file, position: near.position + (distance < 0 ? distance + 2 ** 32 : distance) };
  }

  /** The run this event belongs to; undefined when it is one that is held already. */
  #runFor(at: Coordinates, isFileEvent: boolean, atHead: boolean): RunBuilder | undefined {
    const run = this.#runs.at(-1);
    if (run === undefined) return this.#begin(at, atHead);
    let order = compareCoordinates(at, run.expected);
    if (order < 0) {
      // A connection by GTID begins with the file's head and checkpoints again, whatever it skips behind them.
      if (isFileEvent) return undefined;
      run.abandonPart();
      order = compareCoordinates(at, run.expected);
    }
    if (order < 0) return undefined;
    if (order === 0) {
      this.#problem = undefined;
      return run;
    }
    run.endWith(this.#hole(run.expected, at));
    return this.#begin(at, atHead);
  }

  #begin(at: Coordinates, atHead: boolean): RunBuilder {
    const run = new RunBuilder(at, { atHead, announced: this.#announced });
    this.#problem = undefined;
    this.#runs.push(run);
    return run;
  }

  #hole(expected: Coordinates, found: Coordinates): Defect {
    if (this.#problem !== undefined) return this.#explain(expected, this.#problem);
    const text = `the relay log goes on at ${found.file}:${String(found.position)}: what lies between was not stored`;
    return { kind: 'gap', at: expected, text };
  }

  #explain(at: Coordinates, problem: ScanProblem): Defect {
    return { kind: problem.kind, at, text: `${this.#path} at ${String(problem.position)}: ${problem.text}` };
  }
}

/** The last run that a stream from `place` can be served from. */
export function runHolding(runs: readonly RelayRun[], place: Coordinates): RelayRun | undefined {
  return runs.findLast((run) => compareCoordinates(run.from, place) <= 0 && compareCoordinates(place, run.to) <= 0);
}

/** Gives a run to the ledger: descriptions first, pieces all at once, then the ends of files. */
export function holdRun(ledger: Ledger, walker: RelayLogWalker, run: RelayRun): void {
  for (const [file, description] of walker.descriptions) ledger.describe(file, description);
  ledger.growAll(run.extents);
  for (const { file, end, next } of run.completed) ledger.complete(file, end, next);
}
