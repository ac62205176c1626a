import { createHash } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Accounts } from './accounts.js';
import { runCommand } from './command.js';
import type { Family } from './family/family.js';
import { cacheFolder, makeFolder } from './places.js';

/**
 * An empty data directory with the accounts in it, made once per server version and kept: making one takes seconds,
 * copying one does not.
 */
export async function preparedData(family: Family, accounts: Accounts): Promise<string> {
  const cache = await makeFolder(cacheFolder());
  const programs = family.programs();
  const statements = family.accountStatements(accounts, userInfo().username);
  const version = await runCommand([...programs.server, '--version']);
  const key = createHash('sha256')
    .update([family.name, version, ...statements, ...family.fileShape].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const ready = join(cache, `data-${family.name}-${key}`);
  if (await exists(ready)) return ready;
  const draft = join(cache, `draft-${family.name}-${String(process.pid)}`);
  await rm(draft, { recursive: true, force: true });
  await family.makeData({ folder: draft, statements, programs });
  // Two first runs at once: the second one finds the place taken and uses what is there.
  await rename(draft, ready).catch(() => rm(draft, { recursive: true, force: true }));
  return ready;
}

async function exists(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes('mysql');
}

/** Copies the prepared directory; shares blocks where the file system can. */
export async function copyData(prepared: string, target: string): Promise<void> {
  await runCommand(['cp', '-a', '--reflink=auto', '--sparse=always', prepared, target], { deadlineMs: 60_000 });
}
