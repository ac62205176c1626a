import { readFile, stat } from 'node:fs/promises';
import ssh2 from 'ssh2';
import type { ParsedKey } from 'ssh2';
import { describeError } from '../model/fault.js';
import type { SshHome, Target } from './target.js';

export interface Identity {
  readonly path: string;
  readonly key: ParsedKey;
}

/** A key file that cannot be used, and why, in words. */
export interface SkippedIdentity {
  readonly path: string;
  readonly why: string;
}

export interface Identities {
  readonly usable: readonly Identity[];
  readonly skipped: readonly SkippedIdentity[];
}

/** Key files, each parsed once for all doors and again when the file has changed. */
export interface Keyring {
  load(target: Target): Promise<Identities>;
}

type Loaded = Identity | SkippedIdentity | undefined;

export function createKeyring({ home }: SshHome): Keyring {
  const parsed = new Map<string, { readonly stamp: string; readonly loaded: Loaded }>();
  const loadFile = async (path: string, wanted: boolean): Promise<Loaded> => {
    const stamp = await stampOf(path);
    if (stamp === undefined) return wanted ? { path, why: 'there is no such file' } : undefined;
    const before = parsed.get(path);
    if (before?.stamp === stamp) return before.loaded;
    const loaded = await parseFile(path);
    parsed.set(path, { stamp, loaded });
    return loaded;
  };
  return {
    load: async ({ identityFiles }) => {
      const files = identityFiles ?? ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => `${home}/.ssh/${name}`);
      const all = await Promise.all(files.map((path) => loadFile(path, identityFiles !== undefined)));
      const found = all.filter((each) => each !== undefined);
      return {
        usable: found.filter((each) => 'key' in each),
        skipped: found.filter((each) => 'why' in each),
      };
    },
  };
}

async function stampOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    return { mtimeMs: 0, size: 0 }; // Not readable: reading it will give the reason.
  });
  return found === undefined ? undefined : `${String(found.mtimeMs)}/${String(found.size)}`;
}

async function parseFile(path: string): Promise<Loaded> {
  try {
    const key: unknown = ssh2.utils.parseKey(await readFile(path));
    // The types promise one key; files of the newer OpenSSH format give a list of one.
    const first: unknown = Array.isArray(key) ? key[0] : key;
    if (first instanceof Error) return { path, why: whyUnusable(first) };
    return isPrivateKey(first) ? { path, key: first } : { path, why: 'it holds no private key' };
  } catch (error) {
    return { path, why: describeError(error) };
  }
}

function isPrivateKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'isPrivateKey' in key && (key as ParsedKey).isPrivateKey();
}

function whyUnusable(error: Error): string {
  return /encrypted/i.test(error.message)
    ? 'it is encrypted; load it into an SSH agent, since nobody can be asked for its passphrase'
    : error.message;
}
