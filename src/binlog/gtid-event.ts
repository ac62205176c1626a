import type { MariadbGtid } from '../model/gtid-mariadb.js';
import type { MysqlGtid } from '../model/gtid-mysql.js';
import { headerSize } from './header.js';
import { formatUuid } from './uuid.js';

/** MySQL's GTID event (33): flags u8, UUID, number i64, ... Undefined when it is too short. */
export function parseMysqlGtid(event: Buffer): MysqlGtid | undefined {
  const uuidOffset = headerSize + 1;
  if (event.length < uuidOffset + 16 + 8) return undefined;
  return { track: formatUuid(event, uuidOffset), number: event.readBigInt64LE(uuidOffset + 16) };
}

/**
 * Flags of MariaDB's GTID event. `standalone`: the group has no end event, it is one statement with what that needs.
 * `completedXa` (10.5+): the group is one XA COMMIT or XA ROLLBACK, which may be a compressed query event.
 */
const endsWithStatement = 1 | 128;

const flagsOffset = headerSize + 12;

/** MariaDB's GTID event (162): sequence u64, domain u32, flags u8; the server is the header's. */
export function parseMariadbGtidEvent(event: Buffer): MariadbGtid | undefined {
  if (event.length <= flagsOffset) return undefined;
  return {
    domain: event.readUInt32LE(headerSize + 8),
    server: event.readUInt32LE(5),
    sequence: event.readBigUInt64LE(headerSize),
  };
}

/** Whether a MariaDB GTID event begins a group that its first statement ends. */
export function isStandalone(event: Buffer): boolean {
  return event.length > flagsOffset && (event.readUInt8(flagsOffset) & endsWithStatement) !== 0;
}
