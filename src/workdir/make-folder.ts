import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing } from './status-file.js';

/**
 * Makes a folder and those above it. Not by Node's own `recursive`: it tries for ever, with a full processor, where a file system
 * says of a name below an existing folder that it is missing (procfs and autofs do; seen in Node 20.20).
 */
export async function makeFolder(path: string): Promise<void> {
  const failure = await tryToMake(path);
  if (failure === undefined) return;
  const above = dirname(path);
  if (!isMissing(failure) || above === path) throw failure;
  await makeFolder(above);
  const again = await tryToMake(path);
  if (again !== undefined) throw again;
}

async function tryToMake(path: string): Promise<Error | undefined> {
  try {
    await mkdir(path);
    return undefined;
  } catch (error) {
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? undefined : (error as Error);
  }
}
