import { type ChecksumAlgorithm, checksumLength, sealEvent } from './checksum.js';
import { eventType } from './event-types.js';
import { eventFlag, headerSize } from './header.js';
import type { Coordinates } from '../model/coordinates.js';

const positionSize = 8;

/** Where the stream goes on: position u64, then the file name up to the end. Undefined when it is too short. */
export function parseRotate(event: Buffer, algorithm: ChecksumAlgorithm): Coordinates | undefined {
  const end = event.length - checksumLength(algorithm);
  const nameStart = headerSize + positionSize;
  if (end <= nameStart) return undefined;
  const position = Number(event.readBigUInt64LE(headerSize));
  return { file: event.toString('utf8', nameStart, end), position };
}

/** The rotate event that a source makes up to say which file and position the following events belong to. */
export function makeFakeRotate(to: Coordinates, serverId: number, algorithm: ChecksumAlgorithm): Buffer {
  const name = Buffer.from(to.file, 'utf8');
  const size = headerSize + positionSize + name.length + checksumLength(algorithm);
  const event = Buffer.alloc(size);
  event.writeUInt8(eventType.rotate, 4);
  event.writeUInt32LE(serverId, 5);
  event.writeUInt32LE(size, 9);
  event.writeUInt16LE(eventFlag.artificial, 17);
  event.writeBigUInt64LE(BigInt(to.position), headerSize);
  name.copy(event, headerSize + positionSize);
  return algorithm === 'crc32' ? sealEvent(event) : event;
}
