import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Secret } from '../model/secret.js';
import type { Account } from '../model/settings.js';
import { cacheFolder, makeFolder } from './places.js';

/** Every password holds this word, so a search for it finds each place where one leaked. */
export const canary = 'CANARY';

export interface Accounts {
  /** What the configuration's `user` names: all privileges. */
  readonly admin: Account;
  readonly replication: Account;
  /** The writer's: rights on one schema only, so that `read_only` stops it. */
  readonly app: Account;
}

/** The same passwords for every cluster on this machine, since they are stored in the prepared data directory. */
export async function knownAccounts(): Promise<Accounts> {
  const file = join(await makeFolder(cacheFolder()), 'passwords');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.split('\n').length >= 3) return accountsOf(known.split('\n'));
  const fresh = [newPassword(), newPassword(), newPassword()];
  // Two first runs at once: one of them creates the file, both read that one.
  await writeFile(file, fresh.join('\n'), { mode: 0o600, flag: 'wx' }).catch(() => undefined);
  return accountsOf((await readFile(file, 'utf8')).split('\n'));
}

function accountsOf([admin = '', replication = '', app = '']: readonly string[]): Accounts {
  return {
    admin: { user: 'mha', password: new Secret(admin) },
    replication: { user: 'repl', password: new Secret(replication) },
    app: { user: 'app', password: new Secret(app) },
  };
}

/** Signs in the middle that quoting goes wrong with; at most 32 bytes, the limit of a replica's source password. */
function newPassword(): string {
  return `${canary}-${randomBytes(5).toString('hex')}#;'$=x`;
}
