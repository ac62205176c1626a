import { copyFile, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { cacheFolder, makeFolder } from './places.js';

/**
 * A key pair's private file; the public one has `.pub` behind. All hosts ask at once, and so may two first runs: a pair
 * is made aside and moved into place whole, so that nobody ever sees one half of one pair beside one half of another.
 */
async function keyPair(name: string): Promise<string> {
  const folder = join(await makeFolder(join(cacheFolder(), 'ssh-keys')), name);
  const file = join(folder, 'key');
  if (await isFile(file)) return file;
  const aside = await mkdtemp(`${folder}-`);
  try {
    await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', join(aside, 'key')]);
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    if (!(await isFile(file))) throw error;
  }
  return file;
}

/** The key of one host's sshd: the same in every run, as a real host's is. */
export async function hostKey(host: string): Promise<{ readonly file: string; readonly publicKey: string }> {
  const file = await keyPair(`host-${host}`);
  const publicKey = await readFile(`${file}.pub`, 'utf8');
  return { file, publicKey: publicKey.split(' ').slice(0, 2).join(' ') };
}

/** The manager's own key, which every host lets in. */
export async function managerKey(): Promise<{ readonly file: string; readonly publicLine: string }> {
  const file = await keyPair('manager');
  return { file, publicLine: await readFile(`${file}.pub`, 'utf8') };
}

/** sshd and ssh refuse a private key that others can read, so each place gets a copy of its own. */
export async function placeKey(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await runCommand(['chmod', '600', to]);
}

async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isFile() === true;
}
