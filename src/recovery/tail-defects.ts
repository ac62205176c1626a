import { originOf } from '../binlog/file-origin.js';
import { type Coordinates, firstPosition } from '../model/coordinates.js';
import type { Defect } from '../ports/recovery.js';
import type { ListedFile } from './listing.js';

/** Bytes that are there and cannot be had. */
export function unreadable(at: Coordinates, text: string): Defect {
  return { kind: 'unreadable', at, text };
}

/** The place asked for is behind the end of its file. */
export function tooShort(from: Coordinates, size: number): Defect {
  const text = `${from.file} ends at ${String(size)}: what comes after was received, but is not there`;
  return { kind: 'gap', at: from, text };
}

/** Why a file of the log could not be opened, and what is there instead. */
export function whyNotOpen(kind: 'missing' | 'unreadable', at: Coordinates, files: readonly ListedFile[]): Defect {
  if (kind === 'unreadable') return unreadable(at, `${at.file} may not be read by the SSH user`);
  const held = files.map(({ file }) => file);
  const there = held.length === 0 ? 'no file of this log' : `${String(held[0])} to ${String(held.at(-1))}`;
  return { kind: 'missing-file', at, text: `${at.file} is not there; the directory holds ${there}` };
}

/** A file that another server wrote has the same name and is no part of this log. `serverId` 0: not known. */
export function whoseElse(file: string, head: Buffer, serverId: number): Defect | undefined {
  const writer = serverId === 0 ? undefined : originOf(head)?.serverId;
  if (writer === undefined || writer === serverId) return undefined;
  const text = `${file} was written by the server with the id ${String(writer)}, not ${String(serverId)}`;
  return { kind: 'not-a-binlog', at: { file, position: firstPosition }, text };
}
