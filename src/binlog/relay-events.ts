import { type Coordinates, firstPosition, nextFile } from '../model/coordinates.js';
import { type ChecksumAlgorithm, checksumLength } from './checksum.js';
import { type Description, rewriteDescription } from './description.js';
import { beginsCipher } from './event-format.js';
import { eventType } from './event-types.js';
import { eventFlag, type EventHeader, headerSize } from './header.js';
import { parseRotate } from './rotate.js';
import { EventScanner, type ScanProblem } from './scanner.js';

const nothing = Buffer.alloc(0);

/** One of the source's events in a relay file. */
export interface SourceEvent {
  readonly header: EventHeader;
  /** Its first bytes, valid during the call; none of an event that only begins. */
  readonly head: Buffer;
  /** Where it starts in the source's file. */
  readonly at: Coordinates;
  /** Where it starts in the relay file. */
  readonly offset: number;
  readonly checksum: ChecksumAlgorithm;
  /** Nothing of the source's file but its head comes before it. */
  readonly atHead: boolean;
}

export interface RelayListener {
  /** A whole, sound event. */
  readonly onEvent: (event: SourceEvent) => void;
  /** A long event begins to pass; `onEvent` follows once it is proven. */
  readonly onLong: (event: SourceEvent) => void;
  /** The file's own events in front of its first transaction end here. */
  readonly onHead: (end: Coordinates) => void;
  /** The source says where what follows belongs; `before` is the file that was read until now. */
  readonly onConnect: (target: Coordinates, before: string | undefined) => void;
  /** The source's file has ended. */
  readonly onNextFile: (next: string, before: string | undefined) => void;
  /** What was told so far may be another file's. */
  readonly onDoubt: () => void;
}

/**
 * Tells the source's events in relay files from the replica's bookkeeping and gives each its place. State goes over
 * relay file borders: a relay file may begin in the middle of the source's file and of a transaction.
 *
 * MariaDB names the source's file when the receiver connects and when the source's file ends. A relay file that was
 * begun for its size or by FLUSH LOGS does not name it, and the one before may be purged. Such events are taken for
 * those of the file that the receiver reads (`received`), if one of them ends exactly where it had come to and no other
 * file is named before that.
 */
export class RelayEvents {
  readonly #listener: RelayListener;
  readonly #descriptions = new Map<string, Buffer>();
  #scanner: EventScanner | undefined;
  #source: Description | undefined;
  /** The relay file that follows, as the end of the last one names it. */
  #following: string | undefined;
  /** Where the receiver is reading: the file, and a place at or before the next event, to undo the wrap of log_pos. */
  #reading: Coordinates | undefined;
  /** No event of the file that is read was skipped or relayed yet, but for its head. */
  #atHead = false;
  /** Where the description of the file that is read ends. */
  #headEnd = 0;
  readonly #received: Coordinates | undefined;
  /** How the file that is read is known: not, as the receiver's, as that with its place seen, by name. */
  #naming: 'none' | 'assumed' | 'seen' | 'named' = 'none';

  constructor(listener: RelayListener, received?: Coordinates) {
    this.#listener = listener;
    this.#received = received;
  }

  /** Begins the next relay file. False when the one before does not say that this one follows it. */
  startFile(name: string): boolean {
    const joins = this.#following === name.slice(name.lastIndexOf('/') + 1);
    this.#following = undefined;
    this.#scanner = new EventScanner({
      start: { kind: 'head' },
      checkPositions: false,
      onEvent: (header, head, offset) => this.#take(header, head, offset),
      onLong: (header, offset) => {
        if ((header.flags & (eventFlag.relayLog | eventFlag.artificial)) !== 0 || !this.#isReading(this.#reading))
          return;
        this.#listener.onLong(this.#placed(header, nothing, offset, this.#reading));
      },
    });
    return joins;
  }

  push(chunk: Buffer): void {
    this.#scanner?.push(chunk);
  }

  /** Ends the present relay file; answers what is wrong with its end. Bytes of an event that is not whole are left out. */
  endFile(): ScanProblem | undefined {
    const scanner = this.#scanner;
    this.#scanner = undefined;
    if (scanner === undefined || scanner.problem !== undefined || scanner.pending === 0) return scanner?.problem;
    return { kind: 'torn', position: scanner.position, text: scanner.describePending() };
  }

  /** The relay file's bytes up to here are known to be placed or not. */
  get decided(): number {
    return this.#scanner?.decided ?? 0;
  }

  /** Something stopped the reading of this relay file. */
  get hasStopped(): boolean {
    return this.#scanner?.problem !== undefined;
  }

  /** Nothing shows yet which file of the source the events are from. */
  get isUnnamed(): boolean {
    return this.#naming === 'none' || this.#naming === 'assumed';
  }

  /** The source, as its latest description says. */
  get source(): Description | undefined {
    return this.#source;
  }

  /** The source's format descriptions by source file, as a file of the source holds them. */
  get descriptions(): ReadonlyMap<string, Buffer> {
    return this.#descriptions;
  }

  #take(header: EventHeader, head: Buffer, offset: number): ScanProblem | undefined {
    if (beginsCipher(header)) {
      const text = 'the relay log is encrypted; its key is on the replica only';
      return { kind: 'encrypted', position: offset, text };
    }
    if ((header.flags & eventFlag.relayLog) !== 0) this.#takeOwn(header, head);
    else if (header.type === eventType.formatDescription) this.#describe(head);
    else if (header.type === eventType.rotate) this.#rotate(header, head, offset);
    else if ((header.flags & eventFlag.artificial) === 0) this.#relay(header, head, offset);
    return undefined;
  }

  #takeOwn(header: EventHeader, head: Buffer): void {
    if (header.type === eventType.rotate) this.#following = parseRotate(head, this.#checksum)?.file;
  }

  /** The source's description: stored anew at each connection, with its place and time of creation blanked. */
  #describe(event: Buffer): void {
    const description = this.#scanner?.description;
    this.#source = description;
    if (this.#reading === undefined) this.#assume();
    if (this.#reading === undefined) return;
    const end = firstPosition + event.length;
    if (!this.#descriptions.has(this.#reading.file)) {
      const stored = rewriteDescription(event, { logPosition: end });
      stored.writeUInt16LE(0, headerSize - 2);
      this.#descriptions.set(this.#reading.file, rewriteDescription(stored, {}));
    }
    if (!this.#atHead) return;
    this.#headEnd = end;
    this.#reading = { file: this.#reading.file, position: end };
    this.#listener.onHead(this.#reading);
  }

  /** Beyond 4 GiB log_pos alone does not tell the place. */
  #assume(): void {
    if (this.#received === undefined || this.#received.position >= 2 ** 32) return;
    this.#reading = { file: this.#received.file, position: 0 };
    this.#naming = 'assumed';
  }

  #rotate(header: EventHeader, head: Buffer, offset: number): void {
    const target = parseRotate(head, this.#checksum);
    if (target === undefined) return;
    if (this.#naming === 'assumed' || (this.#naming === 'seen' && !this.#agrees(target))) this.#doubt();
    this.#naming = 'named';
    if (header.serverId === 0) this.#standIn(target);
    else if ((header.flags & eventFlag.artificial) !== 0) this.#connectAt(target);
    else {
      this.#relay(header, head, offset);
      this.#listener.onNextFile(target.file, this.#reading?.file);
      this.#connect({ file: target.file, position: firstPosition });
    }
  }

  /** The receiver has gone on since it was looked at, in its file or to the next one. */
  #agrees(target: Coordinates): boolean {
    const { file, position } = this.#reading ?? { file: '', position: 0 };
    return target.file === nextFile(file) || (target.file === file && target.position === position);
  }

  #doubt(): void {
    this.#reading = undefined;
    this.#descriptions.clear();
    this.#listener.onDoubt();
  }

  /**
   * A rotate of server id 0 stands for events that the receiver did not store. Directly behind a file's description
   * that is MySQL's PREVIOUS_GTIDS, which no replica needs; its size tells it from dropped transactions as well as can
   * be told. Anywhere else transactions are missing.
   */
  #standIn(target: Coordinates): void {
    const isHead = this.#atHead && target.file === this.#reading?.file && this.#reading.position === this.#headEnd;
    const size = target.position - this.#headEnd - headerSize - checksumLength(this.#checksum);
    this.#atHead = isHead && size >= 8 && size % 8 === 0;
    this.#reading = target;
    if (this.#atHead) this.#listener.onHead(target);
  }

  /** The source says where what follows belongs: a new connection, or the next file. */
  #connectAt(target: Coordinates): void {
    this.#listener.onConnect(target, this.#reading?.file);
    this.#connect(target);
  }

  #connect(target: Coordinates): void {
    this.#reading = target;
    this.#atHead = target.position === firstPosition;
  }

  /** An event of the source's file. */
  #relay(header: EventHeader, head: Buffer, offset: number): void {
    if (!this.#isReading(this.#reading)) return;
    const event = this.#placed(header, head, offset, this.#reading);
    this.#reading = { file: event.at.file, position: event.at.position + header.size };
    if (this.#naming === 'assumed' && this.#reading.position === this.#received?.position) this.#naming = 'seen';
    this.#atHead = false;
    this.#listener.onEvent(event);
  }

  /** Events can be used as soon as their file and its format are known. */
  #isReading(reading: Coordinates | undefined): reading is Coordinates {
    return reading !== undefined && this.#descriptions.has(reading.file);
  }

  /**
   * log_pos is the event's end modulo 2^32, and a connection only moves forward. An event that seems to start earlier
   * is longer here than at the source: MariaDB's receivers store compressed events unpacked.
   */
  #placed(header: EventHeader, head: Buffer, offset: number, near: Coordinates): SourceEvent {
    const ahead = (header.logPosition - near.position) % 2 ** 32;
    const end = near.position + (ahead < 0 ? ahead + 2 ** 32 : ahead);
    const at = { file: near.file, position: end - header.size };
    const atHead = this.#atHead && at.position === near.position;
    return { header, head, at, offset, checksum: this.#checksum, atHead };
  }

  get #checksum(): ChecksumAlgorithm {
    return this.#scanner?.checksum ?? 'none';
  }
}
