import type { Coordinates } from '../../model/coordinates.js';
import { type ChecksumAlgorithm, checksumLength, sealEvent } from '../checksum.js';
import { eventType } from '../event-types.js';
import { headerSize } from '../header.js';

const greatestPosition = 0xffff_ffff;

/**
 * A sign of life that also moves the replica's own idea of the source's position. The replica compares its 32-bit
 * position with its own and stops when it seems to go back, so behind 4 GiB there is none.
 */
export function makeHeartbeat(at: Coordinates, serverId: number, algorithm: ChecksumAlgorithm): Buffer | undefined {
  if (at.position > greatestPosition) return undefined;
  const name = Buffer.from(at.file, 'utf8');
  const event = Buffer.alloc(headerSize + name.length + checksumLength(algorithm));
  event.writeUInt8(eventType.heartbeat, 4);
  event.writeUInt32LE(serverId, 5);
  event.writeUInt32LE(event.length, 9);
  event.writeUInt32LE(at.position, 13);
  name.copy(event, headerSize);
  return algorithm === 'crc32' ? sealEvent(event) : event;
}
