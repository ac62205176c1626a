import { ConnectionEnded } from './wire.js';

/** Commands a replica sends. Numbers as on the wire. */
export const command = {
  quit: 0x01,
  query: 0x03,
  ping: 0x0e,
  dump: 0x12,
  register: 0x15,
  dumpGtid: 0x1e,
} as const;

/** A wish for events, in either of the two forms. MariaDB's GTID form is `dump` with an empty file name. */
export interface DumpRequest {
  readonly serverId: number;
  readonly file: string;
  readonly position: number;
  /** End the stream at the end of the log instead of waiting for more. */
  readonly nonBlocking: boolean;
  /** MariaDB: wants events with the text of row statements. MySQL uses this bit to say something else. */
  readonly annotateRows: boolean;
  /** MySQL's auto-position: the encoded set of what the replica has. */
  readonly gtidSet?: Buffer;
}

const nonBlocking = 1;
const annotateRows = 2;

/** `packet` includes the command byte, here and below. */
export function parseDump(packet: Buffer): DumpRequest {
  demand(packet, 11);
  const flags = packet.readUInt16LE(5);
  return {
    position: packet.readUInt32LE(1),
    serverId: packet.readUInt32LE(7),
    file: packet.toString('utf8', 11).replace(/\0.*$/s, ''),
    nonBlocking: (flags & nonBlocking) !== 0,
    annotateRows: (flags & annotateRows) !== 0,
  };
}

export function parseDumpGtid(packet: Buffer): DumpRequest {
  demand(packet, 11);
  const flags = packet.readUInt16LE(1);
  const nameLength = packet.readUInt32LE(7);
  demand(packet, 11 + nameLength + 12);
  const at = 11 + nameLength;
  const setLength = packet.readUInt32LE(at + 8);
  demand(packet, at + 12 + setLength);
  return {
    serverId: packet.readUInt32LE(3),
    file: packet.toString('utf8', 11, at).replace(/\0.*$/s, ''),
    position: Number(packet.readBigUInt64LE(at)),
    nonBlocking: (flags & nonBlocking) !== 0,
    annotateRows: false,
    gtidSet: packet.subarray(at + 12, at + 12 + setLength),
  };
}

function demand(packet: Buffer, length: number): void {
  if (packet.length < length) throw new ConnectionEnded('the client sent a command that cannot be read');
}
