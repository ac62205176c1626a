import { type ChecksumAlgorithm, checksumSize, hasRightChecksum, sealEvent } from './checksum.js';
import { eventType } from './event-types.js';
import { eventFlag, flagsOffset, headerSize, readHeader } from './header.js';

/**
 * The format description event: first of every file; says how the others are built.
 * Body: version u16 (4), server version 50 bytes, created u32, header length u8, a length per event type, then the
 * checksum algorithm u8 and a checksum u32 that are there even where the algorithm is "none" (MySQL 5.6.1+, MariaDB
 * 5.3+). MySQL 5.5 knows no checksums, and its description ends with the 27 lengths.
 */
export interface Description {
  readonly binlogVersion: number;
  /** As the server prints its version: `10.11.19-MariaDB-log`, `9.7.4`. */
  readonly serverVersion: string;
  readonly vendor: 'mysql' | 'mariadb';
  readonly serverId: number;
  readonly created: number;
  readonly headerLength: number;
  readonly checksum: ChecksumAlgorithm;
  /** Whether this server writes algorithm and checksum behind the lengths. */
  readonly namesChecksum: boolean;
  readonly inUse: boolean;
  /** Whether this server begins every transaction with a GTID event (MySQL 5.7+: anonymous ones too). */
  readonly announcesTransactions: boolean;
}

const serverVersionOffset = headerSize + 2;
const serverVersionLength = 50;
const createdOffset = serverVersionOffset + serverVersionLength;
const headerLengthOffset = createdOffset + 4;
const logPositionOffset = 13;
const smallest = headerLengthOffset + 1 + 1 + checksumSize;
const sizeWithoutChecksum = headerLengthOffset + 1 + 27;

function readServerVersion(event: Buffer): string {
  const raw = event.subarray(serverVersionOffset, serverVersionOffset + serverVersionLength);
  const end = raw.indexOf(0);
  return raw.toString('latin1', 0, end === -1 ? raw.length : end);
}

/** MariaDB puts `5.5.5-` before its version for old replicas. */
function majorAndMinor(text: string): { readonly major: number; readonly minor: number } {
  const match = /^(?:5\.5\.5-(?=\d+\.\d+.*mariadb))?(\d+)\.(\d+)/i.exec(text);
  return { major: Number(match?.[1] ?? 0), minor: Number(match?.[2] ?? 0) };
}

function announces(vendor: Description['vendor'], major: number, minor: number): boolean {
  return vendor === 'mariadb' ? major >= 10 : major > 5 || (major === 5 && minor >= 7);
}

function knowsChecksums(vendor: Description['vendor'], major: number, minor: number): boolean {
  return vendor === 'mariadb' || major > 5 || (major === 5 && minor >= 6);
}

/**
 * Reads a whole event. Undefined when it is not one that we understand (version 4, known checksum algorithm). Its own
 * checksum is looked at by `isSoundDescription`.
 */
export function parseDescription(event: Buffer): Description | undefined {
  if (event.length < smallest) return undefined;
  const header = readHeader(event, 0);
  if (header.type !== eventType.formatDescription || header.size !== event.length) return undefined;
  const serverVersion = readServerVersion(event);
  const vendor = /mariadb/i.test(serverVersion) ? 'mariadb' : 'mysql';
  const { major, minor } = majorAndMinor(serverVersion);
  const namesChecksum = knowsChecksums(vendor, major, minor);
  if (!namesChecksum && event.length !== sizeWithoutChecksum) return undefined;
  const algorithm = namesChecksum ? event.readUInt8(event.length - checksumSize - 1) : 0;
  const binlogVersion = event.readUInt16LE(headerSize);
  const headerLength = event.readUInt8(headerLengthOffset);
  if (binlogVersion !== 4 || headerLength !== headerSize || algorithm > 1) return undefined;
  return {
    binlogVersion,
    serverVersion,
    vendor,
    serverId: header.serverId,
    created: event.readUInt32LE(createdOffset),
    headerLength,
    checksum: algorithm === 1 ? 'crc32' : 'none',
    namesChecksum,
    inUse: (header.flags & eventFlag.inUse) !== 0,
    announcesTransactions: announces(vendor, major, minor),
  };
}

/** A copy with the in-use flag off. The stored checksum stays right: servers compute it with the flag off. */
export function clearInUse(event: Buffer): Buffer {
  const copy = Buffer.from(event);
  copy.writeUInt16LE(copy.readUInt16LE(flagsOffset) & ~eventFlag.inUse, flagsOffset);
  return copy;
}

/** Whether the description's own checksum is right. Servers that know of it write one even where the algorithm is "none", or 0. */
export function isSoundDescription(event: Buffer, description: Description): boolean {
  if (!description.namesChecksum) return true;
  if (description.checksum === 'none' && event.readUInt32LE(event.length - checksumSize) === 0) return true;
  return hasRightChecksum(clearInUse(event), 0, event.length);
}

/** A copy as a source sends it: in-use flag off, the given fields changed, checksum made right again. */
export function rewriteDescription(
  event: Buffer,
  change: { readonly logPosition?: number; readonly created?: number },
): Buffer {
  const copy = clearInUse(event);
  if (change.logPosition !== undefined) copy.writeUInt32LE(change.logPosition, logPositionOffset);
  if (change.created !== undefined) copy.writeUInt32LE(change.created, createdOffset);
  return parseDescription(copy)?.namesChecksum === false ? copy : sealEvent(copy);
}
