import { crc32 } from 'node:zlib';
import { Ledger } from '../../../src/binlog/ledger.js';
import type { OpenStored, StoredFile } from '../../../src/binlog/source/stored-bytes.js';
import type { Coordinates } from '../../../src/model/coordinates.js';

/** Events and logs made by hand, held in memory: for families whose servers are not at hand, and for sizes. */
export type Checksum = 'crc32' | 'none';

export interface MadeLog {
  readonly ledger: Ledger;
  readonly open: OpenStored;
  /** Events by file, as stored, with their start. */
  readonly events: ReadonlyMap<string, readonly { readonly at: number; readonly bytes: Buffer }[]>;
  readonly end: Coordinates;
}

export function makeEvent(type: number, body: Buffer, position: number, checksum: Checksum, flags = 0): Buffer {
  const size = 19 + body.length + (checksum === 'crc32' ? 4 : 0);
  const event = Buffer.alloc(size);
  event.writeUInt32LE(1_700_000_000, 0);
  event[4] = type;
  event.writeUInt32LE(1, 5);
  event.writeUInt32LE(size, 9);
  event.writeUInt32LE((position + size) % 2 ** 32, 13);
  event.writeUInt16LE(flags, 17);
  body.copy(event, 19);
  if (checksum === 'crc32') event.writeUInt32LE(crc32(event.subarray(0, size - 4)), size - 4);
  return event;
}

/** A format description with its in-use flag set, as a killed server leaves it; its checksum was made with it off. */
export function makeDescription(version: string, checksum: Checksum): Buffer {
  const body = Buffer.alloc(2 + 50 + 4 + 1 + 42 + 1);
  body.writeUInt16LE(4, 0);
  body.write(version, 2, 'latin1');
  body.writeUInt32LE(1_700_000_000, 52);
  body[56] = 19;
  body[body.length - 1] = checksum === 'crc32' ? 1 : 0;
  const event = makeEvent(15, body, 4, 'crc32');
  event[17] = 1;
  return event;
}

export interface MadeFile {
  readonly name: string;
  readonly checksum?: Checksum;
  /** Type, body and flags of each event behind the description. */
  readonly events: readonly (readonly [type: number, body: Buffer, flags?: number])[];
}

/** A whole log of the given files; `from` leaves out what is before it in the first file. */
export function makeLog(version: string, files: readonly MadeFile[], from = 4): MadeLog {
  const ledger = new Ledger();
  const stored = new Map<string, Buffer>();
  const events = new Map<string, { at: number; bytes: Buffer }[]>();
  let end: Coordinates = { file: '', position: 0 };
  for (const [index, file] of files.entries()) {
    const checksum = file.checksum ?? 'crc32';
    const description = makeDescription(version, checksum);
    const list = [{ at: 4, bytes: description }];
    let position = 4 + description.length;
    for (const [type, body, flags] of file.events) {
      const bytes = makeEvent(type, body, position, checksum, flags);
      list.push({ at: position, bytes });
      position += bytes.length;
    }
    const start = index === 0 ? from : 4;
    stored.set(file.name, Buffer.concat([Buffer.from('\xfebin', 'latin1'), ...list.map(({ bytes }) => bytes)]));
    events.set(file.name, list);
    ledger.describe(file.name, description);
    ledger.grow({ file: file.name, from: start, to: position, path: file.name, offset: start });
    const next = files[index + 1];
    if (next !== undefined) ledger.complete(file.name, position, next.name);
    end = { file: file.name, position };
  }
  return { ledger, events, end, open: (path) => Promise.resolve(memoryFile(stored.get(path))) };
}

function memoryFile(bytes: Buffer | undefined): StoredFile {
  if (bytes === undefined) throw new Error('no such file');
  return {
    read: (into, offset, length, position) =>
      Promise.resolve({ bytesRead: bytes.copy(into, offset, position, Math.min(bytes.length, position + length)) }),
    close: () => Promise.resolve(),
  };
}

export function mariadbGtid(sequence: bigint, domain = 0): readonly [number, Buffer] {
  const body = Buffer.alloc(19);
  body.writeBigUInt64LE(sequence, 0);
  body.writeUInt32LE(domain, 8);
  return [162, body];
}

export function mysqlGtid(uuid: Buffer, number: bigint): readonly [number, Buffer] {
  const body = Buffer.alloc(42);
  uuid.copy(body, 1);
  body.writeBigInt64LE(number, 17);
  return [33, body];
}

/** A GTID set of one UUID with one interval, end exclusive as on the wire. */
export function mysqlSet(uuid: Buffer, first: bigint, end: bigint): Buffer {
  const set = Buffer.alloc(8 + 16 + 8 + 16);
  set.writeBigUInt64LE(1n, 0);
  uuid.copy(set, 8);
  set.writeBigUInt64LE(1n, 24);
  set.writeBigInt64LE(first, 32);
  set.writeBigInt64LE(end, 40);
  return set;
}

export function gtidList(...entries: readonly (readonly [number, number, bigint])[]): readonly [number, Buffer] {
  const body = Buffer.alloc(4 + entries.length * 16);
  body.writeUInt32LE(entries.length, 0);
  for (const [index, [domain, server, sequence]] of entries.entries()) {
    body.writeUInt32LE(domain, 4 + index * 16);
    body.writeUInt32LE(server, 8 + index * 16);
    body.writeBigUInt64LE(sequence, 12 + index * 16);
  }
  return [163, body];
}

export const rowEvent = (size: number, fill = 1): readonly [number, Buffer] => [30, Buffer.alloc(size, fill)];
export const commit: readonly [number, Buffer] = [16, Buffer.alloc(8)];
