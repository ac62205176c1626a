import { type ChecksumAlgorithm, checksumLength, hasRightChecksum } from './checksum.js';
import type { Description } from './description.js';
import { EventFormat, magicProblem } from './event-format.js';
import { describeEventType, eventType } from './event-types.js';
import { binlogMagic, eventFlag, type EventHeader, headerSize, readHeader } from './header.js';
import { gatherLimit, keptBytes } from './kept-bytes.js';
import { PassingEvent } from './passing-event.js';

/**
 * Cuts a byte stream into events, whatever the sizes of the pieces, and proves each one's checksum. Flat memory: of an
 * event only the first bytes that somebody decides by are kept (`keptBytes`); a 1 GiB event passes through.
 * It knows nothing of transactions. Offsets are counted from what was pushed, never taken from the events.
 */
export interface ScannerOptions {
  /** Where the bytes begin: at the file's first byte (magic expected), or at an event inside of it. */
  readonly start:
    | { readonly kind: 'head' }
    | { readonly kind: 'event'; readonly position: number; readonly checksum: ChecksumAlgorithm };
  /**
   * With no checksums to go by: whether each event's log_pos must be its end. True for a source's own files; relay logs
   * hold positions of another file.
   */
  readonly checkPositions: boolean;
  /**
   * A whole, sound event. `head` holds its first bytes (all of them for descriptions, rotates, GTIDs) and is only
   * valid during the call. Answer a problem to stop here, in front of this event.
   */
  readonly onEvent: (header: EventHeader, head: Buffer, position: number) => ScanProblem | undefined;
  /** An event that is too long to be held begins to pass; `onEvent` follows when it was sound. */
  readonly onLong?: (header: EventHeader, position: number) => void;
}

export interface ScanProblem {
  readonly kind: 'torn' | 'checksum' | 'encrypted' | 'unreadable' | 'not-a-binlog';
  readonly position: number;
  readonly text: string;
}

const nothing = Buffer.alloc(0);

export class EventScanner {
  readonly #options: ScannerOptions;
  #magicDone: boolean;
  readonly #format: EventFormat;
  #position: number;
  #problem: ScanProblem | undefined;
  /** First bytes of an event (or of the magic) whose rest has not come yet. */
  #gathered: Buffer = nothing;
  #passing: PassingEvent | undefined;

  constructor(options: ScannerOptions) {
    this.#options = options;
    this.#magicDone = options.start.kind === 'event';
    this.#format = new EventFormat(options.start.kind === 'event' ? options.start.checksum : 'none');
    this.#position = options.start.kind === 'event' ? options.start.position : 0;
  }

  /** End of the last whole event (of the magic, at first). */
  get position(): number {
    return this.#position;
  }

  /** End of what belongs to events that were handed out or are passing; what lies behind it may still be anything. */
  get decided(): number {
    return this.#position + (this.#passing?.seen ?? 0);
  }

  get checksum(): ChecksumAlgorithm {
    return this.#format.checksum;
  }

  /** The description that the events now follow. */
  get description(): Description | undefined {
    return this.#format.description;
  }

  /** Why scanning stopped; nothing is taken any more. */
  get problem(): ScanProblem | undefined {
    return this.#problem;
  }

  /** Bytes of an event that has begun and is not whole. */
  get pending(): number {
    return this.#passing?.seen ?? this.#gathered.length;
  }

  /** What is wrong with an end of the bytes inside an event. */
  describePending(): string {
    const size = this.#passing?.header.size ?? (this.pending < headerSize ? undefined : this.#gathered.readUInt32LE(9));
    const whole = size === undefined ? 'an event' : `an event of ${String(size)}`;
    return `the file ends ${String(this.pending)} bytes into ${whole}`;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length && this.#problem === undefined) {
      if (this.#passing !== undefined) at = this.#pass(this.#passing, chunk, at);
      else if (this.#gathered.length > 0 || !this.#magicDone) at = this.#gather(chunk, at);
      else at = this.#takeWhole(chunk, at);
    }
  }

  /** Takes events that lie whole in the chunk; the rest is gathered or passed through. */
  #takeWhole(chunk: Buffer, start: number): number {
    let at = start;
    while (at + headerSize <= chunk.length) {
      const size = chunk.readUInt32LE(at + 9);
      if (size < headerSize + checksumLength(this.#format.checksum))
        return this.#stop('torn', tooShort(size), chunk.length);
      if (at + size > chunk.length) {
        if (size > gatherLimit) return this.#beginPassing(chunk, at);
        break;
      }
      if (!this.#accept(chunk, at, size)) return chunk.length;
      at += size;
    }
    this.#gathered = Buffer.from(chunk.subarray(at));
    return chunk.length;
  }

  /** Adds to what is gathered until it is the magic, a header, a whole event, or too long to be kept. */
  #gather(chunk: Buffer, at: number): number {
    const have = this.#gathered.length;
    const want = this.#wanted();
    if (want === undefined) return chunk.length;
    const took = Math.min(want - have, chunk.length - at);
    this.#gathered = Buffer.concat([this.#gathered, chunk.subarray(at, at + took)]);
    if (have + took === want) this.#gatheredEnough();
    return at + took;
  }

  #wanted(): number | undefined {
    if (!this.#magicDone) return binlogMagic.length;
    if (this.#gathered.length < headerSize) return headerSize;
    return this.#gathered.readUInt32LE(9);
  }

  #gatheredEnough(): void {
    const bytes = this.#gathered;
    if (!this.#magicDone) {
      this.#takeMagic(bytes);
      return;
    }
    const size = bytes.readUInt32LE(9);
    if (size < headerSize + checksumLength(this.#format.checksum)) {
      this.#stop('torn', tooShort(size), 0);
    } else if (size > gatherLimit) {
      this.#gathered = nothing;
      this.#beginPassing(bytes, 0);
    } else if (bytes.length === size) {
      this.#gathered = nothing;
      this.#accept(bytes, 0, size);
    }
  }

  #takeMagic(bytes: Buffer): void {
    this.#gathered = nothing;
    const problem = magicProblem(bytes);
    if (problem !== undefined) {
      this.#stop(problem.kind, problem.text, 0);
      return;
    }
    this.#magicDone = true;
    this.#position = binlogMagic.length;
  }

  #beginPassing(chunk: Buffer, at: number): number {
    const header = readHeader(chunk, at);
    if (header.type === eventType.formatDescription || header.type === eventType.rotate) {
      return this.#stop(
        'unreadable',
        `a ${describeEventType(header.type)} event of ${String(header.size)} bytes`,
        chunk.length,
      );
    }
    this.#passing = new PassingEvent(header, keptBytes(header.type), this.#format.checksum);
    this.#options.onLong?.(header, this.#position);
    return this.#pass(this.#passing, chunk, at);
  }

  #pass(passing: PassingEvent, chunk: Buffer, at: number): number {
    const end = passing.take(chunk, at);
    if (passing.hasPassed) {
      this.#passing = undefined;
      if (passing.isSound) this.#deliver(passing.header, passing.kept);
      else this.#stopAtChecksum(passing.header);
    }
    return end;
  }

  /** False when scanning stopped at this event. */
  #accept(bytes: Buffer, at: number, size: number): boolean {
    const header = readHeader(bytes, at);
    if (header.type === eventType.formatDescription) {
      const event = bytes.subarray(at, at + size);
      return this.#follow(event) && this.#deliver(header, event);
    }
    if (this.#format.checksum === 'crc32' && !hasRightChecksum(bytes, at, size)) {
      this.#stopAtChecksum(header);
      return false;
    }
    const kept = keptBytes(header.type);
    return this.#deliver(header, kept === 0 ? nothing : bytes.subarray(at, at + Math.min(size, kept)));
  }

  #follow(event: Buffer): boolean {
    const problem = this.#format.follow(event);
    if (problem !== undefined) this.#stop(problem.kind, problem.text, 0);
    return problem === undefined;
  }

  #deliver(header: EventHeader, head: Buffer): boolean {
    const end = this.#position + header.size;
    if (this.#options.start.kind === 'head' && this.#format.description === undefined) {
      this.#stop('not-a-binlog', 'the file does not begin with a format description', 0);
      return false;
    }
    if (this.#options.checkPositions && this.#format.checksum === 'none' && !endsWhereItSays(header, end)) {
      this.#stop('checksum', `the event says it ends at ${String(header.logPosition)}, it ends at ${String(end)}`, 0);
      return false;
    }
    this.#problem = this.#options.onEvent(header, head, this.#position);
    if (this.#problem !== undefined) return false;
    this.#position = end;
    return true;
  }

  #stopAtChecksum(header: EventHeader): void {
    const event = `${describeEventType(header.type)} event of ${String(header.size)} bytes`;
    this.#stop('checksum', `the checksum of the ${event} is wrong`, 0);
  }

  #stop(kind: ScanProblem['kind'], text: string, next: number): number {
    this.#problem = { kind, position: this.#position, text };
    return next;
  }
}

function tooShort(size: number): string {
  return `an event of ${String(size)} bytes cannot be: the file ends here, or goes on with what is no event`;
}

/** Positions are stored modulo 2^32; artificial events have none. */
function endsWhereItSays(header: EventHeader, end: number): boolean {
  return header.logPosition === end % 2 ** 32 || (header.flags & eventFlag.artificial) !== 0;
}
