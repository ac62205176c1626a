import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { describeError, Fault } from '../model/fault.js';

/** A configuration file is small; anything bigger is a mistake (a log file, a device) and not read. */
const mostBytes = 4 * 1024 * 1024;

export interface ConfText {
  readonly file: string;
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  /** False when the bytes are not UTF-8; they were then read as Latin-1, which loses nothing. */
  readonly isUtf8: boolean;
}

/** Reads a file whole. Undefined when it does not exist; throws CONF_UNREADABLE when it cannot be read. */
export async function readText(file: string): Promise<ConfText | undefined> {
  try {
    return await readOpened(file);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Fault('CONF_UNREADABLE', { file, reason: describeError(error) }, { cause: error });
  }
}

async function readOpened(file: string): Promise<ConfText> {
  // Without the flag, opening a named pipe waits for somebody who writes into it.
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) throw new Fault('CONF_UNREADABLE', { file, reason: 'it is not a regular file' });
    if (stat.size > mostBytes) throw new Fault('CONF_UNREADABLE', { file, reason: 'it is larger than 4 MiB' });
    return { file, mode: stat.mode & 0o777, ...decode(await handle.readFile()) };
  } finally {
    await handle.close();
  }
}

function decode(bytes: Buffer): Pick<ConfText, 'text' | 'isUtf8'> {
  const text = bytes.toString('utf8');
  // Invalid bytes become U+FFFD, so the round trip tells.
  return Buffer.from(text, 'utf8').equals(bytes)
    ? { text, isUtf8: true }
    : { text: bytes.toString('latin1'), isUtf8: false };
}
