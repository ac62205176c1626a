import { expect, it } from 'vitest';
import { allAddresses, preferred, resolveName, systemLookup } from '../../src/config/addresses.js';

it('an IPv6 address has one form, however it is written', async () => {
  for (const written of ['FD00::0001', 'fd00:0:0:0:0:0:0:1', 'fd00::1']) {
    expect(await resolveName(written, systemLookup)).toEqual({ kind: 'found', address: 'fd00::1' });
    expect(await allAddresses(written)).toEqual(['fd00::1']);
  }
  expect(await allAddresses('fe80::1%eth0')).toEqual(['fe80::1%eth0']);
});

it('a name that has both kinds of addresses stands for the IPv4 one, where a server is more likely to listen', () => {
  expect(preferred(['::1', '127.0.0.1', '127.0.0.2'])).toBe('127.0.0.1');
  expect(preferred(['fd00::1', 'fd00::2'])).toBe('fd00::1');
});

it('a name resolves by the system', async () => {
  expect(await allAddresses('localhost')).toContain('127.0.0.1');
  expect(await systemLookup('localhost')).toBe('127.0.0.1');
});
