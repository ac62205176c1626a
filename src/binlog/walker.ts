import { formatMariadbGtid } from '../model/gtid-mariadb.js';
import { formatGtidSet } from '../model/gtid-mysql.js';
import { nextFile } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import { parseDescription } from './description.js';
import { beginsCipher, encryptedBy } from './event-format.js';
import { eventType } from './event-types.js';
import { type Gtid, GtidCollector, readGtid } from './gtid-collector.js';
import { parseGtidList } from './gtid-list.js';
import type { EventHeader } from './header.js';
import { parsePreviousGtids } from './previous-gtids.js';
import { parseRotate } from './rotate.js';
import { EventScanner, type ScanProblem } from './scanner.js';
import { advance, announcesTransaction, type BoundaryState, type EventRole, roleOf } from './transaction.js';

/**
 * Walks one file of a source's binary log as its bytes come and says how far it is proven whole.
 *
 *     const walker = new BinlogWalker({ file: 'bin.000007' });                            // bytes from the file's start
 *     const walker = new BinlogWalker({ file, startAt: { position, description } });      // bytes from an event inside
 *     walker.push(chunk); walker.verifiedUpTo; walker.defect; walker.defectAtEnd(); walker.next
 *
 * Invariant: `verifiedUpTo` only grows, and is always the end of a whole, checksummed transaction or of one of the
 * file's own events outside of transactions, whatever the sizes of the chunks.
 */
export interface WalkerOptions {
  readonly file: string;
  /** Left out: the bytes begin with the file's magic. `description` is the file's own, as stored. */
  readonly startAt?: { readonly position: number; readonly description: Buffer };
  /** Called for each whole event; for tests and tools, fetching does not need it. */
  readonly onEvent?: (event: WalkedEvent) => void;
}

export interface WalkedEvent {
  readonly type: number;
  readonly serverId: number;
  readonly timestamp: number;
  readonly position: number;
  readonly end: number;
  readonly gtid?: Gtid;
  /** Whether the stream may be cut behind this event. */
  readonly boundary: boolean;
}

export class BinlogWalker {
  readonly file: string;
  readonly #scanner: EventScanner;
  readonly #onEvent: WalkerOptions['onEvent'];
  readonly #gtids = new GtidCollector();
  #state: BoundaryState;
  #description: Buffer | undefined;
  #verifiedUpTo: number;
  #reach: number;
  #transactions = 0;
  #gtid: Gtid | undefined;
  #gtidsBefore: string | undefined;
  #next: string | undefined;
  #lastTimestamp: number | undefined;

  constructor(options: WalkerOptions) {
    const { startAt } = options;
    const known = startAt === undefined ? undefined : parseDescription(startAt.description);
    if (startAt !== undefined && known === undefined) throw new TypeError('not a format description event');
    this.file = options.file;
    this.#onEvent = options.onEvent;
    this.#description = startAt?.description;
    this.#verifiedUpTo = startAt?.position ?? 0;
    this.#reach = this.#verifiedUpTo;
    this.#state = known?.announcesTransactions === true ? 'entered' : 'outside';
    this.#scanner = new EventScanner({
      start:
        startAt === undefined || known === undefined
          ? { kind: 'head' }
          : { kind: 'event', position: startAt.position, checksum: known.checksum },
      checkPositions: true,
      onEvent: (header, head, position) => this.#take(header, head, position),
    });
  }

  push(chunk: Buffer): void {
    this.#scanner.push(chunk);
  }

  /** End of the last whole event; may be inside a transaction. */
  get position(): number {
    return this.#scanner.position;
  }

  /** End of what is proven whole. 0 until the file's description has come. */
  get verifiedUpTo(): number {
    return this.#verifiedUpTo;
  }

  /**
   * As far as the position of a replica comes that was sent all of that. A server that is shut down ends its file with a
   * STOP, which receivers neither store nor count: nobody ever stands behind it.
   */
  get reach(): number {
    return this.#reach;
  }

  /** Whole transactions up to `verifiedUpTo`. */
  get transactions(): number {
    return this.#transactions;
  }

  /** GTIDs of those transactions, as the family writes them; empty without GTIDs. */
  get gtids(): string {
    return this.#gtids.format();
  }

  /** What the file's head says was in the files before it; undefined when the walk did not see that or it is too long. */
  get gtidsBefore(): string | undefined {
    return this.#gtidsBefore;
  }

  /** The file's format description as stored, once it is known. */
  get description(): Buffer | undefined {
    return this.#description;
  }

  /** The file that follows, once the end of this one (rotate or stop) was seen. */
  get next(): string | undefined {
    return this.#next;
  }

  /** The source's clock (seconds since 1970) at the last whole transaction. */
  get lastTimestamp(): number | undefined {
    return this.#lastTimestamp;
  }

  /** Why walking stopped for good; what comes behind is not looked at. */
  get defect(): Defect | undefined {
    const problem = this.#scanner.problem;
    return problem === undefined ? undefined : this.#describe(problem);
  }

  /** What would be wrong if no more bytes came: also an event or a transaction that is not whole. */
  defectAtEnd(): Defect | undefined {
    if (this.defect !== undefined) return this.defect;
    const position = this.#scanner.position;
    if (this.#scanner.pending > 0 || this.#description === undefined) {
      const text = this.#scanner.describePending();
      return this.#describe({ kind: 'torn', position, text });
    }
    if (this.#state === 'outside' || this.#verifiedUpTo === position) return undefined;
    return this.#describe({ kind: 'torn', position, text: 'the file ends inside a transaction' });
  }

  #describe(problem: ScanProblem): Defect {
    return { kind: problem.kind, at: { file: this.file, position: problem.position }, text: problem.text };
  }

  #take(header: EventHeader, head: Buffer, position: number): ScanProblem | undefined {
    if (beginsCipher(header)) {
      return { kind: 'encrypted', position, text: encryptedBy('encrypt_binlog') };
    }
    const role = roleOf(header, head, this.#scanner.checksum);
    const before = this.#state;
    this.#state = advance(before, role);
    if (this.#state === 'broken') {
      return {
        kind: 'torn',
        position,
        text: 'a transaction is not whole: another one begins, or the file ends, inside of it',
      };
    }
    if (role === 'file') this.#takeFileEvent(header, head);
    if (announcesTransaction(role)) this.#announce(header, head, position, before);
    const boundary = this.#state === 'outside';
    if (boundary) this.#close(before, role, header, position + header.size);
    if (this.#onEvent !== undefined) this.#onEvent(this.#walked(header, position, boundary));
    return undefined;
  }

  /** A GTID behind a place where the walk entered: whatever was there has ended in front of it. */
  #announce(header: EventHeader, head: Buffer, position: number, before: BoundaryState): void {
    if (before === 'entered' && position > this.#verifiedUpTo) {
      this.#verifiedUpTo = position;
      this.#reach = position;
      this.#transactions++;
    }
    this.#gtid = readGtid(header, head);
  }

  #close(before: BoundaryState, role: EventRole, header: EventHeader, end: number): void {
    this.#verifiedUpTo = end;
    this.#reach = header.type === eventType.stop ? end - header.size : end;
    if (role === 'file') return;
    this.#transactions++;
    this.#lastTimestamp = header.timestamp;
    if (before !== 'outside' && this.#gtid !== undefined) this.#gtids.add(this.#gtid);
    this.#gtid = undefined;
  }

  #takeFileEvent(header: EventHeader, head: Buffer): void {
    const checksum = this.#scanner.checksum;
    if (header.type === eventType.formatDescription) this.#description ??= Buffer.from(head);
    else if (header.type === eventType.stop) this.#next = nextFile(this.file);
    else if (header.type === eventType.rotate) this.#next = parseRotate(head, checksum)?.file ?? this.#next;
    else if (head.length === header.size && header.type === eventType.previousGtids) {
      const set = parsePreviousGtids(head, checksum);
      if (set !== undefined) this.#gtidsBefore = formatGtidSet(set);
    } else if (head.length === header.size && header.type === eventType.gtidList) {
      const list = parseGtidList(head, checksum);
      if (list !== undefined) this.#gtidsBefore = list.map(formatMariadbGtid).join(',');
    }
  }

  #walked(header: EventHeader, position: number, boundary: boolean): WalkedEvent {
    const { type, serverId, timestamp, size } = header;
    const event = { type, serverId, timestamp, position, end: position + size, boundary };
    return this.#gtid === undefined ? event : { ...event, gtid: this.#gtid };
  }
}
