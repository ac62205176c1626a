import type { SslSettings } from '../model/channel-options.js';
import type { Channel } from '../model/picture.js';
import type { SourceChange } from '../ports/servers.js';

/** The options of a channel beyond address, account, place, retry and heartbeat. */
type Options = Pick<SourceChange, 'ssl' | 'receiver' | 'applier'>;

/** How a replica's connection to the recovery source is carried, and whether its server speaks a TLS that we do. */
export interface Carriage {
  readonly inTunnel: boolean;
  readonly modernTls: boolean;
}

/**
 * What the recovery source needs otherwise than the replica has it; everything else is left as it is. In the tunnel SSH
 * encrypts already. Elsewhere TLS stays on, but the source's certificate can be none that the replica was told to trust.
 */
export function forRecovery(channel: Channel, carriage: Carriage): Options {
  const { receiverOptions: had = {} } = channel;
  return tidy({
    ssl: sslForRecovery(channel.ssl, carriage),
    receiver: {
      // We do not compress, and a replica that was told to insist on it refuses a source that does not.
      ...(insistsOnCompression(channel) ? { compression: 'uncompressed' } : {}),
      // Our end of the tunnel is in the host's own namespace.
      ...(had.networkNamespace === undefined || had.networkNamespace === '' ? {} : { networkNamespace: '' }),
      // Nobody else is to choose its source while it is levelled.
      ...(had.autoFailover === true ? { autoFailover: false } : {}),
    },
  });
}

/** The same options as the replica had them before: said whenever it is pointed at a real source again. */
export function asBefore(channel: Channel): Options {
  const { ssl, receiverOptions: had = {} } = channel;
  const { compression, networkNamespace } = had;
  return tidy({
    ssl: ssl.allowed ? { allowed: true, ...(verifies(ssl) ? verificationOf(ssl) : {}) } : {},
    receiver: {
      ...(compression !== undefined && insistsOnCompression(channel) ? { compression } : {}),
      ...(networkNamespace === undefined || networkNamespace === '' ? {} : { networkNamespace }),
      ...(had.autoFailover === true ? { autoFailover: true } : {}),
    },
  });
}

/**
 * For a replica that follows another server from now on: as before, with one exception. An account of caching_sha2_password
 * logs in without TLS and without the source's public key only where the server has seen its password already, which a
 * new source may not have; such a replica is told to ask for the key.
 */
export function forNewSource(channel: Channel): Options {
  const before = asBefore(channel);
  return needsPublicKey(channel) ? { ...before, receiver: { ...before.receiver, getPublicKey: true } } : before;
}

export function needsPublicKey({ ssl, receiverOptions = {} }: Pick<Channel, 'ssl' | 'receiverOptions'>): boolean {
  const { getPublicKey, publicKeyPath = '' } = receiverOptions;
  return !ssl.allowed && getPublicKey === false && publicKeyPath === '';
}

/**
 * For a server that never followed anybody: how the new source followed it, without what belongs to one host (network
 * namespace, delay, lists of ignored servers) or to a list that only that replica has (automatic failover). Said is what
 * is set, and what servers of different versions have different defaults for.
 */
export function likeModel({ ssl, receiverOptions = {}, applierOptions = {} }: Channel): Options {
  const { retryCount, publicKeyPath, compression, zstdLevel } = receiverOptions;
  const getPublicKey = receiverOptions.getPublicKey === true || needsPublicKey({ ssl, receiverOptions });
  const { primaryKeyCheck } = applierOptions;
  const compresses = compression !== undefined && compression !== 'uncompressed';
  return tidy({
    ssl: { allowed: ssl.allowed, verifyServerCert: ssl.verifyServerCert, ...whatIsSet(ssl) },
    receiver: {
      ...(retryCount === undefined ? {} : { retryCount }),
      ...whatIsSet({ publicKeyPath, getPublicKey }),
      ...(compresses ? whatIsSet({ compression, zstdLevel }) : {}),
    },
    applier: {
      ...whatIsSet({ ...applierOptions, primaryKeyCheck: undefined }),
      ...(primaryKeyCheck === undefined || primaryKeyCheck === 'STREAM' ? {} : { primaryKeyCheck }),
    },
  });
}

function whatIsSet<T extends object>(options: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const set = Object.entries(options).filter(([, value]) => value !== undefined && value !== '' && value !== false);
  return Object.fromEntries(set) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function sslForRecovery(ssl: SslSettings, { inTunnel, modernTls }: Carriage): Partial<SslSettings> {
  if (!ssl.allowed) return {};
  if (inTunnel || !modernTls) return { allowed: false };
  return verifies(ssl) ? { verifyServerCert: false, caFile: '', caPath: '', crl: '', crlPath: '' } : {};
}

function verifies(ssl: SslSettings): boolean {
  return ssl.verifyServerCert || [ssl.caFile, ssl.caPath, ssl.crl, ssl.crlPath].some((value) => value !== '');
}

function verificationOf({ verifyServerCert, caFile, caPath, crl, crlPath }: SslSettings): Partial<SslSettings> {
  return { verifyServerCert, caFile, caPath, crl, crlPath };
}

function insistsOnCompression({ receiverOptions }: Channel): boolean {
  const list = receiverOptions?.compression;
  return list !== undefined && list !== '' && !list.split(',').includes('uncompressed');
}

/** A group in which nothing is to be said is left out. */
function tidy({ ssl = {}, receiver = {}, applier = {} }: Options): Options {
  const isEmpty = (group: object): boolean => Object.keys(group).length === 0;
  return {
    ...(isEmpty(ssl) ? {} : { ssl }),
    ...(isEmpty(receiver) ? {} : { receiver }),
    ...(isEmpty(applier) ? {} : { applier }),
  };
}
