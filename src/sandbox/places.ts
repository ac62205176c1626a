import { mkdir } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
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

/** What must stay visible inside hosts although it lies below a private folder: this checkout, this Node, the caches. */
export function keptVisible(): readonly string[] {
  const node = dirname(dirname(process.execPath));
  return [...new Set([checkout, node, cacheFolder()])].filter(isPrivateInHosts);
}

export async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}
