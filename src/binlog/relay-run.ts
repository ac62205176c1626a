import { compareCoordinates, type Coordinates } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import { type Gtid, GtidCollector } from './gtid-collector.js';
import { advance, announcesTransaction, type BoundaryState, type EventRole } from './transaction.js';

/** A stretch of the source's binary log that a relay log holds without a hole. */
export interface RelayRun {
  readonly from: Coordinates;
  /** End of the last whole transaction, or of a harmless event behind it. */
  readonly to: Coordinates;
  /** One for each of the source's files, in the order of the stream. Each ends where the next begins. */
  readonly parts: readonly RunPart[];
  /** Source files whose end the run has seen. */
  readonly completed: readonly CompletedFile[];
  readonly transactions: number;
  readonly gtids: string;
  /** Why the run ends at `to` although something comes behind it. */
  readonly defect?: Defect;
}

export interface RunPart {
  readonly file: string;
  readonly from: number;
  readonly to: number;
  /** Nothing that a replica needs lies in front of it in its file. */
  readonly startsFile: boolean;
}

export interface CompletedFile {
  readonly file: string;
  readonly end: number;
  readonly next: string;
}

/** One of the source's events. */
export interface RelayedEvent {
  readonly role: EventRole;
  readonly position: number;
  readonly size: number;
  readonly gtid: Gtid | undefined;
}

type GrowingPart = { -readonly [Key in keyof RunPart]: RunPart[Key] };

/**
 * Gathers a run event by event. Invariant: `expected` is where the next event must start; `boundary` is the last
 * place where the run may be cut, and only what lies before it is ever given out.
 */
export class RunBuilder {
  readonly #from: Coordinates;
  readonly #entry: BoundaryState;
  readonly #parts: GrowingPart[] = [];
  readonly #completed: CompletedFile[] = [];
  readonly #gtids = new GtidCollector();
  #state: BoundaryState;
  #transactions = 0;
  #gtid: Gtid | undefined;
  #boundary: Coordinates;
  readonly #expected: { file: string; position: number };
  /** No event of the present file was taken yet and none that matters can lie in front. */
  #atHead: boolean;
  #defect: Defect | undefined;

  constructor(from: Coordinates, options: { readonly atHead: boolean; readonly announced: boolean }) {
    this.#from = from;
    this.#boundary = from;
    this.#expected = { ...from };
    this.#atHead = options.atHead;
    this.#entry = options.announced && !options.atHead ? 'entered' : 'outside';
    this.#state = this.#entry;
  }

  /** Where the next event must start. It changes with each one: copy what is to be kept. */
  get expected(): Readonly<Coordinates> {
    return this.#expected;
  }

  /** The last place where it may be cut. */
  get boundary(): Coordinates {
    return this.#boundary;
  }

  get isAtHead(): boolean {
    return this.#atHead;
  }

  get isOutside(): boolean {
    return this.#state === 'outside' || this.#state === 'entered';
  }

  /** Inside a transaction whose beginning the run has and that an event of its own must end. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get hasEnded(): boolean {
    return this.#defect !== undefined;
  }

  holds(place: Coordinates): boolean {
    return compareCoordinates(this.#from, place) <= 0 && compareCoordinates(place, this.#boundary) <= 0;
  }

  /** Takes the event that starts at `expected`. False when it breaks a transaction: the run ends in front of it. */
  take(event: RelayedEvent): boolean {
    const before = this.#state;
    const after = advance(before, event.role);
    if (after === 'broken') return false;
    this.#state = after;
    if (announcesTransaction(event.role)) {
      if (before === 'entered') this.#moveBoundary(event.position);
      this.#gtid = event.gtid;
    }
    this.#store(event);
    if (after === 'outside') this.#close(before, event);
    return true;
  }

  #close(before: BoundaryState, event: RelayedEvent): void {
    this.#boundary = { ...this.#expected };
    if (event.role === 'file') return;
    this.#transactions++;
    if (before !== 'outside' && this.#gtid !== undefined) this.#gtids.add(this.#gtid);
    this.#gtid = undefined;
  }

  #moveBoundary(position: number): void {
    if (position > this.#boundary.position) this.#transactions++;
    this.#boundary = { file: this.#expected.file, position };
  }

  #store({ position, size }: RelayedEvent): void {
    const { file } = this.#expected;
    const end = position + size;
    const last = this.#parts.at(-1);
    if (last?.file === file) last.to = end;
    else this.#parts.push({ file, from: position, to: end, startsFile: this.#atHead });
    this.#atHead = false;
    this.#expected.position = end;
  }

  /** Passes over what the source has between here and there inside of a transaction, and that changes nothing. */
  passOver(position: number): void {
    this.#expected.position = position;
  }

  /** The stream goes on at the beginning of another file. */
  cross(next: string, position: number): void {
    const { file, position: end } = this.#expected;
    this.#completed.push({ file, end, next });
    this.#expected.file = next;
    this.#expected.position = position;
    this.#boundary = { file: next, position };
    this.#state = 'outside';
    this.#atHead = true;
  }

  /** Passes over the file's own events in front of the first one that is stored. */
  skipHead(position: number): void {
    this.#expected.position = position;
    this.#boundary = { ...this.#expected };
  }

  /** Forgets a transaction that was cut, since it is stored again from its start. */
  abandonPart(): void {
    const { file, position } = this.#boundary;
    const last = this.#parts.at(-1);
    if (last?.file === file) last.to = position;
    Object.assign(this.#expected, this.#boundary);
    this.#state = this.#boundary === this.#from ? this.#entry : 'outside';
    this.#gtid = undefined;
  }

  endWith(defect: Defect): void {
    this.#defect ??= defect;
  }

  build(): RelayRun {
    const { file, position } = this.#boundary;
    const parts = this.#parts
      .map((part) => (part.file === file && part.to > position ? { ...part, to: position } : { ...part }))
      .filter((part) => part.to > part.from);
    const run = {
      from: parts[0] === undefined ? this.#from : { file: parts[0].file, position: parts[0].from },
      to: this.#boundary,
      parts,
      completed: [...this.#completed],
      transactions: this.#transactions,
      gtids: this.#gtids.format(),
    };
    const defect = this.#defect ?? this.#openEnd();
    return defect === undefined ? run : { ...run, defect };
  }

  #openEnd(): Defect | undefined {
    if (this.#expected.position === this.#boundary.position) return undefined;
    return { kind: 'torn', at: this.#boundary, text: 'the relay log ends inside a transaction' };
  }
}
