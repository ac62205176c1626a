import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './command.js';
import { cacheFolder, makeFolder } from './places.js';

/** A key pair's private file; the public one has `.pub` behind. */
async function keyPair(name: string): Promise<string> {
  const folder = await makeFolder(join(cacheFolder(), 'ssh'));
  const file = join(folder, name);
  if (await isFile(file)) return file;
  // ssh-keygen asks before it overwrites and finds no answer: of two first runs at once, one makes the key.
  await runCommand(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]).catch(
    async (error: unknown) => {
      if (!(await isFile(`${file}.pub`))) throw error;
    },
  );
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
