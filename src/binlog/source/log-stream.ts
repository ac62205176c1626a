import { type Coordinates, firstPosition } from '../../model/coordinates.js';
import { isAnnotationFiller } from '../annotation-filler.js';
import type { ChecksumAlgorithm } from '../checksum.js';
import { parseDescription } from '../description.js';
import { beginsCipher } from '../event-format.js';
import { eventType } from '../event-types.js';
import { flagsOffset, headerSize } from '../header.js';
import { makeFakeRotate } from '../rotate.js';
import type { Extent, ServedLog } from '../served-log.js';
import type { GroupFilter } from './group-filter.js';
import { makeHeartbeat } from './heartbeat.js';
import { Packer } from './packer.js';
import { Refusal, refusals } from './refusal.js';
import { type DumpMode, descriptionToSend } from './sent-description.js';
import type { ExtentReader } from './stored-bytes.js';
import type { Wire } from './wire.js';

/** Bytes read and sent at a time. One buffer of this size for reading and one for writing are all a replica costs. */
const blockSize = 512 * 1024;

export interface StreamParts {
  readonly wire: Wire;
  readonly log: ServedLog;
  readonly reader: ExtentReader;
  readonly serverId: number;
  readonly mode: DumpMode;
  readonly filter: GroupFilter;
  readonly annotateRows: boolean;
  /** What the replica was told of the checksums: the first made-up event is written so. */
  readonly checksum: ChecksumAlgorithm;
  readonly onSent: (upTo: Coordinates, bytes: number) => void;
}

/**
 * Sends the served log's events in order, from one place on. Invariant: nothing beyond an extent's `to` is read or
 * sent, and an extent's end is an event's end.
 */
export class LogStream {
  readonly #parts: StreamParts;
  readonly #packer: Packer;
  readonly #block = Buffer.allocUnsafeSlow(blockSize);
  #file: string;
  #position: number;
  #checksum: ChecksumAlgorithm;
  /** Something was left out since the last event that was sent. */
  #skipped = false;
  /** The first event is looked at more closely: the replica may have named a place where none starts. */
  #first = true;

  constructor(parts: StreamParts, start: Coordinates) {
    this.#parts = parts;
    this.#packer = new Packer(parts.wire, blockSize + blockSize / 8);
    this.#file = start.file;
    this.#position = start.position;
    this.#checksum = parts.checksum;
  }

  /** Everything before it was sent, or was not to be sent. */
  get place(): Coordinates {
    return { file: this.#file, position: this.#position };
  }

  /** Names the place and the file's format: what a source sends before the events of a file. */
  async announce(place: Coordinates): Promise<void> {
    const { log, mode, serverId } = this.#parts;
    const stored = log.description(place.file);
    const description = stored === undefined ? undefined : parseDescription(stored);
    if (stored === undefined || description === undefined) throw refusals.noDescription(place.file);
    const behindStart = place.position > firstPosition;
    // The description counts by auto-position, so a stream in mid-file begins as if all before it was skipped.
    this.#skipped = mode === 'auto-position' && behindStart;
    const named = this.#skipped ? { ...place, position: firstPosition } : place;
    await this.#packer.packWhole(makeFakeRotate(named, serverId, this.#checksum));
    await this.#packer.packWhole(descriptionToSend(stored, mode, behindStart));
    this.#file = place.file;
    this.#position = place.position;
    this.#checksum = description.checksum;
  }

  /** Sends everything that may be sent now. */
  async drain(): Promise<void> {
    try {
      await this.#sendHeld();
    } catch (error) {
      // The refusal's packet is numbered behind what is already packed.
      if (error instanceof Refusal) await this.#packer.flush();
      throw error;
    }
    await this.#packer.flush();
  }

  async #sendHeld(): Promise<void> {
    const { log } = this.#parts;
    for (;;) {
      const next = log.continueAt(this.place);
      if (next === undefined) break;
      if (next.file !== this.#file || next.position !== this.#position) await this.announce(next);
      const extent = log.extentAt(next);
      if (extent === undefined || extent.to <= this.#position) break;
      await this.#send(extent);
    }
  }

  async sendHeartbeat(): Promise<void> {
    await this.#packHeartbeat();
    await this.#packer.flush();
  }

  async #packHeartbeat(): Promise<void> {
    const event = makeHeartbeat(this.place, this.#parts.serverId, this.#checksum);
    if (event !== undefined) await this.#packer.packWhole(event);
  }

  /** MySQL replicas count positions up event by event; only a heartbeat tells them that some were left out. */
  async #tellOfGap(): Promise<void> {
    if (this.#parts.mode === 'auto-position') await this.#packHeartbeat();
    this.#skipped = false;
  }

  /** While one block goes out the next one is read. */
  async #send(extent: Extent): Promise<void> {
    const { reader, onSent } = this.#parts;
    let written = Promise.resolve();
    while (this.#position < extent.to) {
      const from = this.#position;
      const length = Math.min(blockSize, extent.to - from);
      await Promise.all([reader.read(extent, from, this.#block, length), written]);
      if (!(await this.#sendBlock(length, extent.to))) await this.#sendLarge(extent);
      written = this.#packer.flush();
      onSent(this.place, this.#position - from);
    }
    await written;
  }

  /** Packs the whole events at the head of the block. False: there is none, the first one is larger than the block. */
  async #sendBlock(length: number, limit: number): Promise<boolean> {
    const block = this.#block;
    let at = 0;
    while (at + headerSize <= length) {
      const size = this.#eventSize(at, limit);
      if (at + size > length) break;
      if (this.#passes(block.subarray(at, at + size))) {
        if (this.#skipped) await this.#tellOfGap();
        if (!this.#packer.fits(size)) await this.#packer.flush();
        this.#packer.pack(block, at, size);
      } else {
        this.#skipped = true;
      }
      at += size;
      this.#position += size;
    }
    if (at === 0 && length < headerSize) throw refusals.damaged(this.place, 'it is cut short');
    return at > 0;
  }

  async #sendLarge(extent: Extent): Promise<void> {
    const size = this.#eventSize(0, extent.to);
    const end = this.#position + size;
    const passes = this.#passes(this.#block);
    if (passes && this.#skipped) await this.#tellOfGap();
    this.#skipped ||= !passes;
    if (passes) await this.#packer.begin(size);
    let length = Math.min(blockSize, size);
    while (passes) {
      await this.#packer.append(this.#block.subarray(0, length));
      this.#position += length;
      length = Math.min(blockSize, end - this.#position);
      if (length === 0) break;
      await this.#parts.reader.read(extent, this.#position, this.#block, length);
    }
    this.#position = end;
  }

  #eventSize(at: number, limit: number): number {
    const size = this.#block.readUInt32LE(at + 9);
    const end = this.#position + size;
    if (this.#first && this.#block.readUInt32LE(at + 13) !== end % 2 ** 32) throw refusals.notAnEvent(this.place);
    if (size < headerSize || end > limit) throw refusals.damaged(this.place, `a size of ${String(size)} bytes`);
    this.#first = false;
    return size;
  }

  /** `event` is the whole event, or its first bytes when it is larger than a block. */
  #passes(event: Buffer): boolean {
    const type = event.readUInt8(4);
    switch (type) {
      case eventType.formatDescription:
        return false; // it was announced, in the form this replica needs
      case eventType.startEncryption:
        if (beginsCipher({ type, flags: event.readUInt16LE(flagsOffset) })) throw refusals.encrypted(this.place);
        return this.#parts.filter.sends(type, event, this.place);
      case eventType.annotateRows:
        // What only fills the place of an annotation says nothing; nobody ever gets it.
        if (!this.#parts.annotateRows || isAnnotationFiller(event)) return false;
        return this.#parts.filter.sends(type, event, this.place);
      default:
        return this.#parts.filter.sends(type, event, this.place);
    }
  }
}
