import { mkdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunFolder } from '../ports/workdir.js';
import { syncDirectory, workdirFault, writeWhole } from './durable-write.js';
import { openJournal } from './journal.js';
import { writeOwner } from './run-owner.js';

/** `20261121T111500.123Z`: sorts by time, and no shell or file system stumbles over it. */
function timestamp(wall: number): string {
  return new Date(wall).toISOString().replaceAll(/[-:]/g, '');
}

async function makeFolder(workdir: string, stem: string, attempt = 1): Promise<string> {
  const path = join(workdir, attempt === 1 ? stem : `${stem}-${String(attempt)}`);
  try {
    await mkdir(path, { mode: 0o700 });
    return path;
  } catch (error) {
    // Two runs of the same command in the same millisecond: the second takes the next free name.
    const taken = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (taken && attempt < 100) return makeFolder(workdir, stem, attempt + 1);
    throw workdirFault(path, error);
  }
}

async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch (cause) {
    throw workdirFault(path, cause);
  }
}

/** Makes `<workdir>/<app>-<timestamp>-<command>/`, where one run keeps its journal, saved tails and report. */
export async function makeRunFolder(
  workdir: string,
  app: string,
  command: string,
  wall: () => number,
): Promise<RunFolder> {
  const path = await makeFolder(workdir, `${app}-${timestamp(wall())}-${command}`);
  await syncDirectory(workdir);
  // Before the journal: a run that others can see has an owner.
  await writeOwner(path).catch((cause: unknown) => {
    throw workdirFault(path, cause);
  });
  const journal = await openJournal(path, wall);
  return {
    path,
    id: path.slice(workdir.length).replace(/^\/+/, ''),
    journal,
    write: async (name, text) => {
      const target = join(path, name);
      await writeWhole(target, text, { sync: true });
      return target;
    },
    freeBytes: () => freeBytes(path),
  };
}
