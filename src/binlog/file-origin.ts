import { eventType } from './event-types.js';
import { binlogMagic, headerSize, readHeader } from './header.js';

/** Who wrote a file, and when it was begun, by the clock of that server. */
export interface FileOrigin {
  readonly serverId: number;
  /** Seconds since 1970. */
  readonly begun: number;
}

/** What a file's first event says; undefined when that is no format description. */
export function originOf(head: Buffer): FileOrigin | undefined {
  const start = binlogMagic.length;
  if (head.length < start + headerSize || !head.subarray(0, start).equals(binlogMagic)) return undefined;
  const { type, serverId, timestamp } = readHeader(head, start);
  return type === eventType.formatDescription ? { serverId, begun: timestamp } : undefined;
}
