import { describe, expect, it } from 'vitest';
import { parseSshOptions, type SshOptions } from '../../src/ssh/options.js';

const parse = (text: string): SshOptions => parseSshOptions(text, '/home/mha');

describe('parseSshOptions', () => {
  it('says nothing for nothing', () => {
    expect(parse('  ')).toEqual({
      identityFiles: [],
      port: undefined,
      user: undefined,
      connectTimeoutMs: undefined,
      hostKeyPolicy: undefined,
      knownHostsFiles: undefined,
      jumps: [],
      identitiesOnly: false,
      compression: undefined,
      notUnderstood: [],
    });
  });

  it.each(['-i ~/.ssh/k -p 2222 -l mha', '-i~/.ssh/k -p2222 -lmha'])('reads letters: %s', (text) => {
    expect(parse(text)).toMatchObject({ identityFiles: ['/home/mha/.ssh/k'], port: 2222, user: 'mha' });
  });

  it.each([
    '-o IdentityFile=%d/k -o Port=2222 -o User=mha -o ConnectTimeout=7',
    '-oIdentityFile=~/k -oPort=2222 -oUser=mha -oConnectTimeout=7',
    `-o "identityfile ~/k" -o 'PORT 2222' -o 'user = mha' -o "ConnectTimeout 7"`,
  ])('reads -o in every spelling: %s', (text) => {
    expect(parse(text)).toMatchObject({
      identityFiles: ['/home/mha/k'],
      port: 2222,
      user: 'mha',
      connectTimeoutMs: 7000,
      notUnderstood: [],
    });
  });

  it.each([
    ['-C', true],
    ['-qC', true],
    ['-o Compression=yes', true],
    ['-o Compression=no -C', false],
  ])('asks for compression or not: %s', (text, compression) => {
    expect(parse(text)).toMatchObject({ compression, notUnderstood: [] });
  });

  it('takes the first value as OpenSSH does, and every identity file', () => {
    expect(parse('-p 1 -o Port=2 -i a -i b -o IdentityFile=c')).toMatchObject({
      port: 1,
      identityFiles: ['a', 'b', 'c'],
    });
  });

  it.each([
    ['accept-new', 'accept-new'],
    ['yes', 'strict'],
    ['ask', 'strict'],
    ['no', 'accept-any'],
    ['OFF', 'accept-any'],
  ])('StrictHostKeyChecking=%s is %s', (word, policy) => {
    expect(parse(`-o StrictHostKeyChecking=${word}`).hostKeyPolicy).toBe(policy);
  });

  it('reads several known hosts files, and none', () => {
    expect(parse(`-o 'UserKnownHostsFile=~/a "/b c"'`).knownHostsFiles).toEqual(['/home/mha/a', '/b c']);
    expect(parse('-o UserKnownHostsFile=none').knownHostsFiles).toEqual([]);
    expect(parse('-o UserKnownHostsFile=/dev/null').knownHostsFiles).toEqual(['/dev/null']);
  });

  it('reads jump hosts in order', () => {
    const jumps = [
      { host: 'first', port: undefined, user: 'ops' },
      { host: 'fe80::1', port: 2222, user: undefined },
    ];
    expect(parse('-J ops@first,[fe80::1]:2222').jumps).toEqual(jumps);
    expect(parse('-o ProxyJump=ssh://ops@first,[fe80::1]:2222').jumps).toEqual(jumps);
    expect(parse('-o ProxyJump=none').jumps).toEqual([]);
  });

  it('names what has no effect here, as written', () => {
    const text = `-4 -F /etc/alt -o ProxyCommand='nc %h %p' -o Port=none -p 70000 word -M -J a:b:c -o Compression`;
    expect(parse(text).notUnderstood).toEqual([
      '-4',
      '-F /etc/alt',
      '-o ProxyCommand=nc %h %p',
      '-o Port=none',
      '-p 70000',
      'word',
      '-M',
      '-J a:b:c',
      '-o Compression',
    ]);
  });

  it('is silent about what is always so here', () => {
    const text = '-q -T -qx -o BatchMode=yes -o PasswordAuthentication=no -o LogLevel=ERROR';
    expect(parse(text).notUnderstood).toEqual([]);
    expect(parse('-o PasswordAuthentication=yes').notUnderstood).toEqual(['-o PasswordAuthentication=yes']);
  });

  it('names a letter that lacks its value', () => {
    expect(parse('-i').notUnderstood).toEqual(['-i']);
  });
});
