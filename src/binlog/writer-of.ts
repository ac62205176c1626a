import { eventType } from './event-types.js';
import { binlogMagic, headerSize, readHeader } from './header.js';

/** The id of the server that wrote a file, as its first event says; undefined when that is no format description. */
export function writerOf(head: Buffer): number | undefined {
  const start = binlogMagic.length;
  if (head.length < start + headerSize || !head.subarray(0, start).equals(binlogMagic)) return undefined;
  const { type, serverId } = readHeader(head, start);
  return type === eventType.formatDescription ? serverId : undefined;
}
