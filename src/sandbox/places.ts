import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout: two levels above this file, both as source (`src/sandbox`) and built (`dist/sandbox`). */
export const checkout = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where prepared data directories and keys are kept between runs. */
export function cacheFolder(): string {
  const shared = process.env['XDG_CACHE_HOME'];
  return shared === undefined || shared === ''
    ? join(checkout, '.cache', 'sandbox')
    : join(shared, 'mha-ts', 'sandbox');
}

/** The root directory of Debian's unstable suite with MySQL in it: large, and the same for every checkout of this user. */
export function mysqlSuite(): string {
  const shared = process.env['XDG_CACHE_HOME'];
  const caches = shared === undefined || shared === '' ? join(homedir(), '.cache') : shared;
  return join(caches, 'mha-ts', 'mysql-suite');
}

/**
 * Where running clusters live. Short, because a Unix socket's path may have 107 bytes (unix(7)), and never below a
 * folder that hosts have for themselves.
 */
export function clustersFolder(): string {
  const chosen = process.env['MHA_SANDBOX_DIR'] ?? tmpdir();
  const base = chosen.length > 40 || isPrivateInHosts(chosen) ? '/tmp' : chosen;
  return join(base, `mha-ts-sandbox-${String(userInfo().uid)}`);
}

/** Folders that every host has for itself, so that two hosts never see each other's files there. */
export const privateFolders: readonly string[] = ['/root', '/var/tmp', '/run'];

function isPrivateInHosts(path: string): boolean {
  return privateFolders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

/** What must stay visible inside hosts although it lies below a private folder: this checkout, this Node, the caches, servers. */
export function keptVisible(): readonly string[] {
  const node = dirname(dirname(process.execPath));
  const suite = mysqlSuite();
  const places = [checkout, node, cacheFolder(), ...(existsSync(suite) ? [suite] : [])];
  return [...new Set(places)].filter(isPrivateInHosts);
}

export async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}
