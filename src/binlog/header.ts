/**
 * Room `binlog`: bytes. Headers, events, walking, cutting, relay log to source coordinates. It imports the model (and
 * types of the ports) only, opens no file and no socket. Invariant of the whole room: what it calls verified ends
 * behind a whole, checksummed transaction or a harmless event outside of one - never inside.
 *
 * This file: the 19 bytes that every event begins with. All integers are little-endian.
 */
export interface EventHeader {
  /** Seconds since 1970, the source's clock. */
  readonly timestamp: number;
  readonly type: number;
  readonly serverId: number;
  /** The whole event in bytes: header, body, checksum. */
  readonly size: number;
  /** The event's end in the source's file modulo 2^32; 0 when artificial. Never used to walk: it wraps. */
  readonly logPosition: number;
  readonly flags: number;
}

export const headerSize = 19;
export const flagsOffset = 17;

export const eventFlag = {
  /** On a format description: the file was not closed properly (or is still open). */
  inUse: 0x1,
  /** Made up by the source for the connection; not an event of its file. */
  artificial: 0x20,
  /** Written by the replica for its own bookkeeping. */
  relayLog: 0x40,
  /** Whoever does not know its type may pass it over. */
  ignorable: 0x80,
} as const;

/** What every binary log file and relay log file begins with. */
export const binlogMagic: Buffer = Buffer.from([0xfe, 0x62, 0x69, 0x6e]);
/** MySQL 8.0.14+ with binlog_encryption: a key header follows, then cipher text. */
export const encryptedMagic: Buffer = Buffer.from([0xfd, 0x62, 0x69, 0x6e]);

/** Needs `headerSize` bytes behind `offset`. */
export function readHeader(bytes: Buffer, offset: number): EventHeader {
  return {
    timestamp: bytes.readUInt32LE(offset),
    type: bytes.readUInt8(offset + 4),
    serverId: bytes.readUInt32LE(offset + 5),
    size: bytes.readUInt32LE(offset + 9),
    logPosition: bytes.readUInt32LE(offset + 13),
    flags: bytes.readUInt16LE(offset + flagsOffset),
  };
}
