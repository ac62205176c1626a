import { expect, it } from 'vitest';
import { hasAccountToFollow } from '../../src/failover/old-source-account.js';
import { Secret } from '../../src/model/secret.js';
import { channelFrom, serverSettings } from '../support/picture.js';

const plain = channelFrom('a');
const proven = channelFrom('a', { ssl: { ...plain.ssl, cert: '/etc/mysql/client.pem' } });

it.each([
  ['a password that the file names', { replicationPassword: new Secret('x') }, plain, [], true],
  ['none', {}, plain, [], false],
  ['a certificate', {}, proven, [], true],
  ['its own channel to the next one', {}, plain, [channelFrom('b')], true],
  ['its own channel to somebody else', {}, plain, [channelFrom('c')], false],
])('an old source follows by %s', (_, extra, model, channels, expected) => {
  expect(hasAccountToFollow({ channels }, serverSettings('b', extra), model)).toBe(expected);
});
