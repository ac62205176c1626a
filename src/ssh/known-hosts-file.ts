import { mkdir, open, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, Fault } from '../model/fault.js';
import { type KnownHost, parseKnownHosts } from './known-hosts.js';

/**
 * All entries of the given files. A file that is not there holds none; one that cannot be read might hold the key
 * that must be refused, so it is an error and not an empty file.
 */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHost[]> {
  const read = await Promise.all(files.map(async (file) => parseKnownHosts(await readIfThere(file), file)));
  return read.flat();
}

async function readIfThere(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return '';
    throw new Fault('SSH_KNOWN_HOSTS_UNREADABLE', { file, message: describeError(error) }, { cause: error });
  }
}

/** Appends one line in one write, so that two processes never mix their lines. Creates what is missing, private. */
export async function appendKnownHost(file: string, name: string, keyType: string, key: Buffer): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    const lineBreak = size > 0 && last[0] !== 0x0a ? '\n' : '';
    await handle.appendFile(`${lineBreak}${name} ${keyType} ${key.toString('base64')}\n`);
  } finally {
    await handle.close();
  }
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
