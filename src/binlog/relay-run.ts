import type { Coordinates } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import { type Gtid, GtidCollector } from './gtid-collector.js';
import type { HeldExtent } from './ledger.js';
import { advance, announcesTransaction, type BoundaryState, type EventRole } from './transaction.js';

/** A stretch of the source's binary log that a relay log holds without a hole. */
export interface RelayRun {
  readonly from: Coordinates;
  /** End of the last whole transaction, or of a harmless event behind it. */
  readonly to: Coordinates;
  /** In the order of the stream; give all of them to the ledger at once. Each ends where the next begins. */
  readonly extents: readonly HeldExtent[];
  /** Source files whose end the run has seen. */
  readonly completed: readonly CompletedFile[];
  readonly transactions: number;
  readonly gtids: string;
  /** Why the run ends at `to` although something comes behind it. */
  readonly defect?: Defect;
}

export interface CompletedFile {
  readonly file: string;
  readonly end: number;
  readonly next: string;
}

/** One of the source's events, and where the relay log keeps it. */
export interface RelayedEvent {
  readonly role: EventRole;
  readonly position: number;
  readonly size: number;
  readonly path: string;
  readonly offset: number;
  readonly gtid: Gtid | undefined;
}

type Piece = { -readonly [Key in keyof HeldExtent]: HeldExtent[Key] };

/**
 * Gathers a run event by event. Invariant: `expected` is where the next event must start; `boundary` is the last
 * place where the run may be cut, and only what lies before it is ever given out.
 */
export class RunBuilder {
  readonly #from: Coordinates;
  readonly #entry: BoundaryState;
  readonly #pieces: Piece[] = [];
  readonly #completed: CompletedFile[] = [];
  readonly #gtids = new GtidCollector();
  #state: BoundaryState;
  #transactions = 0;
  #gtid: Gtid | undefined;
  #boundary: Coordinates;
  #expected: Coordinates;
  /** No event of the present file was taken yet and none that matters can lie in front. */
  #atHead: boolean;
  #defect: Defect | undefined;

  constructor(from: Coordinates, options: { readonly atHead: boolean; readonly announced: boolean }) {
    this.#from = from;
    this.#boundary = from;
    this.#expected = from;
    this.#atHead = options.atHead;
    this.#entry = options.announced && !options.atHead ? 'entered' : 'outside';
    this.#state = this.#entry;
  }

  get expected(): Coordinates {
    return this.#expected;
  }

  get isAtHead(): boolean {
    return this.#atHead;
  }

  get isOutside(): boolean {
    return this.#state === 'outside' || this.#state === 'entered';
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
    this.#boundary = this.#expected;
    if (event.role === 'file') return;
    this.#transactions++;
    if (before !== 'outside' && this.#gtid !== undefined) this.#gtids.add(this.#gtid);
    this.#gtid = undefined;
  }

  #moveBoundary(position: number): void {
    if (position > this.#boundary.position) this.#transactions++;
    this.#boundary = { file: this.#expected.file, position };
  }

  #store({ position, size, path, offset }: RelayedEvent): void {
    const { file } = this.#expected;
    const end = position + size;
    const last = this.#pieces.at(-1);
    if (last?.file === file && last.path === path && last.offset + last.to - last.from === offset) last.to = end;
    else this.#pieces.push({ file, from: position, to: end, path, offset, startsFile: this.#atHead });
    this.#atHead = false;
    this.#expected = { file, position: end };
  }

  /** The stream goes on at the beginning of another file. */
  cross(next: string, position: number): void {
    const { file, position: end } = this.#expected;
    this.#completed.push({ file, end, next });
    this.#expected = { file: next, position };
    this.#boundary = this.#expected;
    this.#state = 'outside';
    this.#atHead = true;
  }

  /** Passes over the file's own events in front of the first one that is stored. */
  skipHead(position: number): void {
    this.#expected = { file: this.#expected.file, position };
    this.#boundary = this.#expected;
  }

  /** Forgets a transaction that was cut, since it is stored again from its start. */
  abandonPart(): void {
    const { file, position } = this.#boundary;
    for (let last = this.#pieces.at(-1); last?.file === file && last.to > position; last = this.#pieces.at(-1)) {
      if (last.from < position) {
        last.to = position;
        break;
      }
      this.#pieces.pop();
    }
    this.#expected = this.#boundary;
    this.#state = this.#boundary === this.#from ? this.#entry : 'outside';
    this.#gtid = undefined;
  }

  endWith(defect: Defect): void {
    this.#defect ??= defect;
  }

  build(): RelayRun {
    const { file, position } = this.#boundary;
    const extents = this.#pieces
      .map((piece) => (piece.file === file && piece.to > position ? { ...piece, to: position } : { ...piece }))
      .filter((piece) => piece.to > piece.from);
    const run = {
      from: extents[0] === undefined ? this.#from : { file: extents[0].file, position: extents[0].from },
      to: this.#boundary,
      extents,
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
