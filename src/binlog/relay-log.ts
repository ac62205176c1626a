import { compareCoordinates, type Coordinates, firstPosition, nextFile } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import { readGtid } from './gtid-collector.js';
import { gatherLimit } from './kept-bytes.js';
import { type Placed, RelayBytes } from './relay-bytes.js';
import { RelayEvents, type SourceEvent } from './relay-events.js';
import { type Fit, fitOf } from './relay-fit.js';
import { type RelayRun, RunBuilder } from './relay-run.js';
import type { ScanProblem } from './scanner.js';
import { announcesTransaction, type EventRole, isFileEvent, roleOf } from './transaction.js';

/**
 * Finds the source's events in a replica's relay log and gives them back their places in the source's binary log, so
 * that files like the source's own come of it:
 *
 *     const walker = new RelayLogWalker(place);
 *     for each relay file, oldest first, until walker.isSettled:
 *       walker.startFile(name); for (const placed of walker.push(chunk)) write it; walker.endFile();
 *     walker.run   what is proven of it: nothing else of what was written may be served
 *
 * A relay log keeps the source's events as they are, with the source's log_pos, between bookkeeping of its own. The
 * receiver drops some (its own server id, ignored ids and domains, what a GTID start skips), always whole
 * transactions, so every event must start where the last one ended; where not, the run ends and another begins behind
 * the hole. Only annotations may be missing inside of a transaction: MariaDB sends them to replicas that log what they
 * apply, and to no others. Kept is the run that holds `place`, else the last one.
 */
export class RelayLogWalker {
  readonly #place: Coordinates;
  readonly #events: RelayEvents;
  readonly #bytes = new RelayBytes();
  #name = '';
  #run: RunBuilder | undefined;
  #isSettled = false;
  /** What stopped the last relay file; the reason of the hole that follows. */
  #problem: ScanProblem | undefined;
  /** The last relay file does not say that this one follows it, and nothing has shown since that it does. */
  #isCut = false;
  /** The source was asked again since the last event that was taken, and may repeat some. */
  #reconnected = false;
  /** Type of the last event that was taken. */
  #last = 0;
  /** Offset of the long event that was placed as it began to pass. */
  #passing: number | undefined;

  /** `received` is where the replica's receiver had come to; for relay files that name no file of the source. */
  constructor(place: Coordinates, received?: Coordinates) {
    this.#place = place;
    const listener = {
      onEvent: (event: SourceEvent) => this.#take(event),
      onLong: (event: SourceEvent) => this.#await(event),
      onHead: (end: Coordinates) => this.#skipHead(end),
      onConnect: (target: Coordinates, before: string | undefined) => this.#connect(target, before),
      onNextFile: (next: string, before: string | undefined) => this.#cross(next, before),
      onDoubt: () => this.#forget(),
    };
    this.#events = new RelayEvents(listener, received);
  }

  /** Begins the next relay file, by the name that the index gives it. */
  startFile(name: string): void {
    this.endFile();
    this.#name = name;
    this.#isCut = !this.#events.startFile(name);
    this.#bytes.startFile();
  }

  /** Answers what of the relay log belongs where; to be written before the next push. */
  push(chunk: Buffer): readonly Placed[] {
    this.#bytes.begin(chunk);
    this.#events.push(chunk);
    return this.#bytes.take(this.#events.decided);
  }

  /** Bytes that were placed so far and that the relay log does not have. */
  get filled(): number {
    return this.#bytes.filled;
  }

  /** Ends the present relay file. Bytes of an event that is not whole are left out. */
  endFile(): void {
    this.#problem = this.#events.endFile() ?? this.#problem;
  }

  /** The run that holds the place has ended: nothing that comes can change it. */
  get isSettled(): boolean {
    return this.#isSettled && !this.isUnnamed;
  }

  /** The rest of this relay file says nothing. */
  get isFileSpent(): boolean {
    return this.isSettled || this.#events.hasStopped;
  }

  /** A source has sent something, and nothing tells which of its files that is from. */
  get isUnnamed(): boolean {
    return this.#events.source !== undefined && this.#events.isUnnamed;
  }

  /** What is proven of the run so far. */
  get run(): RelayRun | undefined {
    if (this.isUnnamed) return undefined;
    const run = this.#run?.build();
    if (run === undefined || run.defect !== undefined || this.#problem === undefined) return run;
    return { ...run, defect: this.#explain(run.to, this.#problem) };
  }

  /** What stopped the reading of a relay file, when no event of the source came before it. */
  get problem(): ScanProblem | undefined {
    return this.#problem;
  }

  /** The source's format descriptions by source file, as a file of the source holds them. */
  get descriptions(): ReadonlyMap<string, Buffer> {
    return this.#events.descriptions;
  }

  #take(event: SourceEvent): void {
    const role = roleOf(event.header, event.head, event.checksum);
    const run = this.#runFor(event, role);
    if (run === undefined) return;
    if (!this.#add(run, event, role)) {
      run.endWith({ kind: 'torn', at: event.at, text: 'another transaction begins inside of one' });
      const next = this.#begin(event, role);
      if (next !== undefined) this.#add(next, event, role);
    }
    this.#passing = undefined;
  }

  /** The run, made ready for this event; undefined when the event is of no use. */
  #runFor(event: SourceEvent, role: EventRole): RunBuilder | undefined {
    const run = this.#run;
    const fit = this.#fitOf(event);
    if (run === undefined || fit === 'first') return this.#begin(event, role);
    if (fit === 'held') return undefined;
    if (fit === 'behind-hole') {
      if (!run.hasEnded) run.endWith(this.#hole({ ...run.expected }, event.at));
      return this.#begin(event, role);
    }
    if (fit === 'again') run.abandonPart();
    if (fit === 'behind-annotation') this.#fill(run, event);
    return run;
  }

  #add(run: RunBuilder, event: SourceEvent, role: EventRole): boolean {
    const gtid = announcesTransaction(role) ? readGtid(event.header, event.head) : undefined;
    const { position } = event.at;
    if (!run.take({ role, position, size: event.header.size, gtid })) return false;
    if (this.#passing !== event.offset) this.#bytes.place(event.at.file, position, event.offset, event.header.size);
    this.#last = event.header.type;
    this.#problem = undefined;
    this.#isCut = false;
    this.#reconnected = false;
    return true;
  }

  /** Places a long event by its header: its bytes are gone when it is proven. Nothing of it counts until then. */
  #await(event: SourceEvent): void {
    const fit = this.#fitOf(event);
    if (fit === 'held' || fit === 'behind-hole') return;
    const role = isFileEvent(event.header.type) ? 'file' : 'part';
    if (fit === 'first' && this.#begin(event, role) === undefined) return;
    if (this.#run !== undefined && fit === 'behind-annotation') this.#orderFiller(this.#run, event);
    this.#bytes.place(event.at.file, event.at.position, event.offset, event.header.size);
    this.#passing = event.offset;
  }

  #fitOf(event: SourceEvent): Fit | 'first' {
    if (this.#run === undefined) return 'first';
    const cut = this.#isCut || this.#problem !== undefined;
    const since = { reconnected: this.#reconnected, cut, last: this.#last };
    return fitOf(this.#run, event, since, this.#events.source?.vendor);
  }

  #fill(run: RunBuilder, event: SourceEvent): void {
    if (this.#passing !== event.offset) this.#orderFiller(run, event);
    run.passOver(event.at.position);
  }

  #orderFiller({ expected: { file, position } }: RunBuilder, { header, at, checksum }: SourceEvent): void {
    const { timestamp, serverId } = header;
    this.#bytes.fill({ file, position, size: at.position - position, timestamp, serverId, checksum });
  }

  /** A run may begin with this event: in place of the present one, unless that is the one that is wanted. */
  #begin(event: SourceEvent, role: EventRole): RunBuilder | undefined {
    const former = this.#run;
    this.#isSettled ||= former?.holds(this.#place) === true;
    // The bytes of a long event have gone by unless it was expected; it is no transaction's beginning.
    if (this.#isSettled || (former !== undefined && event.header.size > gatherLimit)) return undefined;
    const { announcesTransactions: announced = false, vendor } = this.#events.source ?? {};
    // No replica of MariaDB asks for a place inside of a transaction, and by GTID none can be served from there.
    const midway = role !== 'file' && !announcesTransaction(role) && !event.atHead;
    if (midway && announced && vendor === 'mariadb') return undefined;
    this.#bytes.anew();
    this.#run = new RunBuilder(event.at, { atHead: event.atHead, announced });
    return this.#run;
  }

  #forget(): void {
    this.#run = undefined;
    this.#isSettled = false;
    this.#bytes.anew();
  }

  #skipHead(end: Coordinates): void {
    const run = this.#run;
    if (run?.isAtHead === true && run.expected.file === end.file && run.expected.position < end.position) {
      run.skipHead(end.position);
    }
  }

  #connect(target: Coordinates, before: string | undefined): void {
    this.#reconnected = true;
    // A source that was restarted or crashed leaves its file without a rotate; receivers do not store its STOP.
    const follows = this.#run !== undefined && target.file === nextFile(this.#run.expected.file);
    if (follows && target.position === firstPosition) this.#cross(target.file, before);
  }

  #cross(next: string, before: string | undefined): void {
    const run = this.#run;
    if (run !== undefined && run.isOutside && run.expected.file === before) run.cross(next, firstPosition);
  }

  #hole(expected: Coordinates, found: Coordinates): Defect {
    if (this.#problem !== undefined) return this.#explain(expected, this.#problem);
    const place = `${found.file}:${String(found.position)}`;
    const text =
      compareCoordinates(found, expected) < 0
        ? `an event that ends behind ${place} is longer in the relay log than at the source: it was compressed there`
        : `the relay log goes on at ${place}: what lies between was not stored`;
    return { kind: 'gap', at: expected, text };
  }

  #explain(at: Coordinates, problem: ScanProblem): Defect {
    return { kind: problem.kind, at, text: `${this.#name} at ${String(problem.position)}: ${problem.text}` };
  }
}
