import { describe, expect, it } from 'vitest';
import { asBefore, forNewSource, forRecovery, likeModel } from '../../src/failover/source-options.js';
import type { ReceiverOptions } from '../../src/model/channel-options.js';
import type { Channel } from '../../src/model/picture.js';
import { channelFrom } from '../support/picture.js';

const plain = channelFrom('a');
const withTls = (changes: Partial<Channel['ssl']> = {}): Channel =>
  channelFrom('a', { ssl: { ...plain.ssl, allowed: true, ...changes } });
const verifying = withTls({ caFile: '/ca.pem', verifyServerCert: true, cert: '/c.pem', key: '/k.pem' });
const told = (receiverOptions: ReceiverOptions): Channel => channelFrom('a', { receiverOptions });

const tunnel = { inTunnel: true, modernTls: true };
const direct = { inTunnel: false, modernTls: true };
const directOld = { inTunnel: false, modernTls: false };

describe('for the recovery source', () => {
  it.each([
    ['no TLS, in the tunnel', plain, tunnel, {}],
    ['no TLS, over the network', plain, direct, {}],
    ['TLS, in the tunnel: SSH encrypts', withTls(), tunnel, { ssl: { allowed: false } }],
    ['TLS, over the network: stays', withTls(), direct, {}],
    ['TLS that is too old for us', withTls(), directOld, { ssl: { allowed: false } }],
    ['verified, in the tunnel', verifying, tunnel, { ssl: { allowed: false } }],
    [
      'verified, over the network: encrypted still, but with our own certificate',
      verifying,
      direct,
      { ssl: { verifyServerCert: false, caFile: '', caPath: '', crl: '', crlPath: '' } },
    ],
    ['compression with a way out', told({ compression: 'zstd,uncompressed' }), tunnel, {}],
    [
      'compression without one',
      told({ compression: 'zstd,zlib' }),
      tunnel,
      { receiver: { compression: 'uncompressed' } },
    ],
    ['a network namespace', told({ networkNamespace: 'blue' }), tunnel, { receiver: { networkNamespace: '' } }],
    ['automatic failover', told({ autoFailover: true }), tunnel, { receiver: { autoFailover: false } }],
    ['what need not change', told({ retryCount: 3, getPublicKey: true, autoFailover: false }), tunnel, {}],
  ] as const)('%s', (_, channel, carriage, expected) => {
    expect(forRecovery(channel, carriage)).toEqual(expected);
  });

  it('what was changed for it is said again afterwards, and with the former values', () => {
    const everything = channelFrom('a', {
      ssl: { ...verifying.ssl, crl: '/crl.pem' },
      receiverOptions: { compression: 'zstd', networkNamespace: 'blue', autoFailover: true, retryCount: 3 },
    });
    for (const carriage of [tunnel, direct, directOld]) {
      const changed = forRecovery(everything, carriage);
      const restored = asBefore(everything);
      expect(Object.keys(restored.ssl ?? {})).toEqual(expect.arrayContaining(Object.keys(changed.ssl ?? {})));
      expect(Object.keys(restored.receiver ?? {})).toEqual(expect.arrayContaining(Object.keys(changed.receiver ?? {})));
    }
    expect(asBefore(everything)).toEqual({
      ssl: { allowed: true, verifyServerCert: true, caFile: '/ca.pem', caPath: '', crl: '/crl.pem', crlPath: '' },
      receiver: { compression: 'zstd', networkNamespace: 'blue', autoFailover: true },
    });
  });

  it('nothing is said again where nothing was changed', () => {
    expect(asBefore(plain)).toEqual({});
  });
});

describe('for a new source', () => {
  it.each([
    ['neither TLS nor key', { allowed: false }, { getPublicKey: false, publicKeyPath: '' }, true],
    ['TLS', { allowed: true }, { getPublicKey: false, publicKeyPath: '' }, undefined],
    ['the key is asked for already', { allowed: false }, { getPublicKey: true }, undefined],
    ['the key lies in a file', { allowed: false }, { getPublicKey: false, publicKeyPath: '/key.pem' }, undefined],
    ['a server that knows no such accounts', { allowed: false }, {}, undefined],
  ] as const)('the login is made possible: %s', (_, ssl, receiverOptions, expected) => {
    const channel = channelFrom('a', { ssl: { ...plain.ssl, ...ssl }, receiverOptions });
    expect(forNewSource(channel).receiver?.getPublicKey).toBe(expected);
  });

  it('everything else is as before', () => {
    const channel = told({ compression: 'zstd', autoFailover: true });
    expect(forNewSource(channel)).toEqual(asBefore(channel));
  });
});

describe('for the old source, as the new one followed it', () => {
  it('TLS, public key, compression and the rules of the applier', () => {
    const model = channelFrom('a', {
      ssl: { ...verifying.ssl, tlsVersion: 'TLSv1.3', tlsCiphersuites: '' },
      receiverOptions: { retryCount: 0, publicKeyPath: '', getPublicKey: true, compression: 'zstd', zstdLevel: 7 },
      applierOptions: { privilegeChecksUser: "'a'@'%'", requireRowFormat: true, primaryKeyCheck: 'ON', gtidOnly: true },
    });
    expect(likeModel(model)).toEqual({
      ssl: {
        allowed: true,
        verifyServerCert: true,
        caFile: '/ca.pem',
        cert: '/c.pem',
        key: '/k.pem',
        tlsVersion: 'TLSv1.3',
      },
      receiver: { retryCount: 0, getPublicKey: true, compression: 'zstd', zstdLevel: 7 },
      applier: { privilegeChecksUser: "'a'@'%'", requireRowFormat: true, primaryKeyCheck: 'ON', gtidOnly: true },
    });
  });

  it('of what is not set only TLS is said: its default differs between versions', () => {
    const receiverOptions = { publicKeyPath: '', compression: 'uncompressed', zstdLevel: 3 };
    const applierOptions = { privilegeChecksUser: '', requireRowFormat: false, primaryKeyCheck: 'STREAM' };
    const model = channelFrom('a', { receiverOptions, applierOptions });
    expect(likeModel(model)).toEqual({ ssl: { allowed: false, verifyServerCert: false } });
  });

  it('the public key wherever there is no TLS: the new source may not know the account’s password yet', () => {
    const without = { ssl: { allowed: false, verifyServerCert: false }, receiver: { getPublicKey: true } };
    expect(likeModel(told({ getPublicKey: false }))).toEqual(without);
    const encrypted = channelFrom('a', {
      ssl: { ...plain.ssl, allowed: true },
      receiverOptions: { getPublicKey: false },
    });
    expect(likeModel(encrypted)).toEqual({ ssl: { allowed: true, verifyServerCert: false } });
  });

  it('nothing that belongs to one host', () => {
    const model = told({ networkNamespace: 'blue', autoFailover: true });
    expect(likeModel(model)).toEqual({ ssl: { allowed: false, verifyServerCert: false } });
  });
});
