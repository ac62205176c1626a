import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** Key and certificate for one run, as PEM. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

const day = 86_400_000;
/** Algorithm identifier of ecdsa-with-SHA256, RFC 5758 3.2. */
const ecdsaSha256 = sequence(oid([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]));

/**
 * A self-signed certificate (RFC 5280, version 1: no extensions are needed for a peer that verifies nothing). MySQL 8
 * and later ask for TLS unless told otherwise; offering it leaves the replica's settings untouched.
 */
export function selfSigned(commonName: string, wallMs: number): TlsIdentity {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(tag(0x31, sequence(oid([0x55, 0x04, 0x03]), tag(0x0c, Buffer.from(commonName)))));
  const body = sequence(
    tag(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaSha256,
    name,
    sequence(time(wallMs - day), time(wallMs + 30 * day)),
    name,
    pair.publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = sign('sha256', body, pair.privateKey);
  const certificate = sequence(body, ecdsaSha256, tag(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return { key: String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' })), cert: pem(certificate) };
}

function tag(type: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([type, ...size]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tag(0x30, Buffer.concat(parts));
}

function oid(bytes: readonly number[]): Buffer {
  return tag(0x06, Buffer.from(bytes));
}

/** UTCTime, `YYMMDDHHMMSSZ`. */
function time(ms: number): Buffer {
  const text = new Date(ms).toISOString().slice(2, 19).replaceAll(/[-T:]/g, '');
  return tag(0x17, Buffer.from(`${text}Z`));
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}
