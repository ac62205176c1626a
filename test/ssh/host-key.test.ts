import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFault } from '../../src/model/fault.js';
import { readHostTrust, settleHostKey } from '../../src/ssh/host-key.js';
import type { HostKeyPolicy } from '../../src/ssh/options.js';
import type { SshHome, Target } from '../../src/ssh/target.js';

function publicKey(type: string, seed: number): Buffer {
  const name = Buffer.from(type);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(name.length);
  return Buffer.concat([length, name, Buffer.from([0, 0, 0, 32]), Buffer.alloc(32, seed)]);
}

const ours = publicKey('ssh-ed25519', 1);
const other = publicKey('ssh-ed25519', 2);
const rsa = publicKey('ssh-rsa', 3);
const line = (hosts: string, key: Buffer): string =>
  `${hosts} ${key.toString('latin1', 4, 4 + key.readUInt32BE(0))} ${key.toString('base64')}\n`;

let dir = '';
const file = (): string => join(dir, 'ssh', 'known_hosts');
const home = (): SshHome => ({ home: dir, agentSocket: undefined, globalKnownHosts: [join(dir, 'global')] });
const target = (hostKeyPolicy: HostKeyPolicy = 'accept-new', port = 22): Target => ({
  host: 'db1',
  address: '10.0.0.1',
  port,
  user: 'mha',
  connectTimeoutMs: 1000,
  identityFiles: undefined,
  identitiesOnly: false,
  compression: false,
  hostKeyPolicy,
  knownHostsFiles: [file()],
  jumps: [],
});
const record = (text: string): void => {
  mkdirSync(join(dir, 'ssh'), { recursive: true });
  writeFileSync(file(), text);
};
const judge = async (key: Buffer, at = target()): Promise<string> => {
  const trust = await readHostTrust(at, home());
  try {
    return trust.judge(key).verdict;
  } catch (error) {
    return isFault(error) ? error.code : String(error);
  }
};

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'host-key-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('judging a host key', () => {
  it('takes any key for a host that was never met, unless the site wants to know it beforehand', async () => {
    expect(await judge(ours)).toBe('new');
    expect(await judge(ours, target('accept-any'))).toBe('new');
    expect(await judge(ours, target('strict'))).toBe('SSH_HOST_KEY_UNKNOWN');
  });

  it('knows a key recorded under the name, under the address, and in the global file', async () => {
    record(line('db1', ours));
    expect(await judge(ours, target('strict'))).toBe('known');
    record(line('10.0.0.1', ours));
    expect(await judge(ours, target('strict'))).toBe('known');
    record('');
    writeFileSync(join(dir, 'global'), line('db*', ours));
    expect(await judge(ours, target('strict'))).toBe('known');
  });

  it('refuses another key than the recorded one, also of another type', async () => {
    record(line('db1', ours));
    expect(await judge(other)).toBe('SSH_HOST_KEY_CHANGED');
    expect(await judge(rsa)).toBe('SSH_HOST_KEY_CHANGED');
    expect(await judge(other, target('accept-any'))).toBe('changed-accepted');
  });

  it('refuses a revoked key whatever the policy', async () => {
    record(`${line('db1', ours)}@revoked ${line('*', ours)}`);
    expect(await judge(ours)).toBe('SSH_HOST_KEY_REVOKED');
    expect(await judge(ours, target('accept-any'))).toBe('SSH_HOST_KEY_REVOKED');
  });

  it('takes a key recorded without the port as a yes, never as a no', async () => {
    record(line('db1', ours));
    expect(await judge(ours, target('strict', 2222))).toBe('known');
    expect(await judge(other, target('accept-new', 2222))).toBe('new');
  });

  it('asks the server for the recorded types only', async () => {
    record(line('db1', rsa));
    expect((await readHostTrust(target(), home())).keyTypes).toEqual(['ssh-rsa']);
    expect((await readHostTrust(target('accept-new', 2222), home())).keyTypes).toEqual([]);
  });

  it('does not take a file that cannot be read for an empty one', async () => {
    mkdirSync(file(), { recursive: true });
    await expect(readHostTrust(target(), home())).rejects.toMatchObject({ code: 'SSH_KNOWN_HOSTS_UNREADABLE' });
  });
});

describe('settling a host key', () => {
  it('records a new key once, in private files, and says so', async () => {
    const notice = await settleHostKey(ours, { verdict: 'new' }, target('accept-new', 2222));
    expect(notice).toMatchObject({ kind: 'recorded', keyType: 'ssh-ed25519', file: file() });
    expect(notice?.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(await settleHostKey(ours, { verdict: 'new' }, target('accept-new', 2222))).toBeUndefined();
    expect(readFileSync(file(), 'utf8')).toBe(line('[db1]:2222', ours));
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, 'ssh')).mode & 0o777).toBe(0o700);
  });

  it('does not glue its line to one that lacks its end', async () => {
    record(line('db0', other).trimEnd());
    await settleHostKey(ours, { verdict: 'new' }, target());
    expect(readFileSync(file(), 'utf8')).toBe(line('db0', other) + line('db1', ours));
  });

  it('says when a key could not be recorded', async () => {
    writeFileSync(join(dir, 'ssh'), 'a file where a directory should be');
    const notice = await settleHostKey(ours, { verdict: 'new' }, target());
    expect(notice).toMatchObject({ kind: 'not-recorded', file: file() });
    expect(notice?.reason).toMatch(/EEXIST|ENOTDIR/);
    const nowhere = { ...target(), knownHostsFiles: [] };
    expect(await settleHostKey(ours, { verdict: 'new' }, nowhere)).toMatchObject({ kind: 'not-recorded' });
  });

  it('says when a changed key was let pass', async () => {
    const notice = await settleHostKey(ours, { verdict: 'changed-accepted', file: file() }, target('accept-any'));
    expect(notice).toMatchObject({ kind: 'changed-accepted', file: file() });
  });
});
