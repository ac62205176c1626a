import { createHash } from 'node:crypto';
import { readdir, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type Accounts, accountStatements } from './accounts.js';
import { runCommand } from './command.js';
import { cacheFolder, makeFolder } from './places.js';

/** Options that shape the files of a new data directory; the running servers must say the same. */
export const fileShape: readonly string[] = ['innodb_log_file_size=48M', 'innodb_undo_tablespaces=0'];

/**
 * An empty data directory with the accounts in it, made once per server version and kept: making one takes seconds,
 * copying one does not.
 */
export async function preparedData(accounts: Accounts): Promise<string> {
  const cache = await makeFolder(cacheFolder());
  const statements = accountStatements(accounts);
  const version = await runCommand(['mariadbd', '--version']);
  const key = createHash('sha256')
    .update([version, statements, ...fileShape].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const ready = join(cache, `data-${key}`);
  if (await exists(ready)) return ready;
  const draft = join(cache, `draft-${String(process.pid)}`);
  await rm(draft, { recursive: true, force: true });
  await make(draft, statements);
  // Two first runs at once: the second one finds the place taken and uses what is there.
  await rename(draft, ready).catch(() => rm(draft, { recursive: true, force: true }));
  return ready;
}

async function make(folder: string, statements: string): Promise<void> {
  const user = userInfo().username;
  const shape = fileShape.map((option) => `--${option}`);
  const install = ['--skip-test-db', '--skip-name-resolve', `--user=${user}`, `--datadir=${folder}`];
  await runCommand(['mariadb-install-db', '--no-defaults', ...install, ...shape], { deadlineMs: 120_000 });
  const server = ['mariadbd', '--no-defaults', '--bootstrap', `--user=${user}`, `--datadir=${folder}`];
  await runCommand([...server, '--silent-startup', ...shape], { input: statements, deadlineMs: 60_000 });
}

async function exists(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((): string[] => []);
  return names.includes('mysql');
}

/** Copies the prepared directory; shares blocks where the file system can. */
export async function copyData(prepared: string, target: string): Promise<void> {
  await runCommand(['cp', '-a', '--reflink=auto', '--sparse=always', prepared, target], { deadlineMs: 60_000 });
}
