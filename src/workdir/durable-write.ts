import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError, Fault } from '../model/fault.js';

/** Turns a failed file operation into the product's error; the operating system's words stay in it. */
export function workdirFault(path: string, cause: unknown): Fault {
  return new Fault('WORKDIR_UNUSABLE', { path, message: describeError(cause) }, { cause });
}

/** A new name is only safe once its directory is on disk too (fsync(2), notes). */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Replaces a file whole: readers see the old text or the new one, never a part, even over a crash.
 * With `sync: false` only the readers' half of that promise holds, for text that is worthless after a crash.
 */
export async function writeWhole(
  path: string,
  text: string,
  options: { readonly sync: boolean; readonly mode?: number },
): Promise<void> {
  const temporary = `${path}.${randomUUID()}.new`;
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600);
    try {
      await file.writeFile(text);
      if (options.sync) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
    if (options.sync) await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw workdirFault(path, cause);
  }
}
