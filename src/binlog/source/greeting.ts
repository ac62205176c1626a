import { ConnectionEnded } from './wire.js';

/** Capability bits of the protocol that this side offers or looks for. */
export const capability = {
  longPassword: 0x1,
  foundRows: 0x2,
  longFlag: 0x4,
  connectWithDb: 0x8,
  protocol41: 0x200,
  ssl: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  pluginAuth: 0x80000,
  pluginAuthLenenc: 0x200000,
} as const;

/** No DEPRECATE_EOF (results keep their classic form) and no COMPRESS (the bytes go out as they are). */
const offered =
  capability.longPassword |
  capability.foundRows |
  capability.longFlag |
  capability.connectWithDb |
  capability.protocol41 |
  capability.transactions |
  capability.secureConnection |
  capability.pluginAuth |
  capability.pluginAuthLenenc;

const utf8 = 33;
const autocommit = 2;

/** The handshake packet, protocol 10. `nonce` has 20 bytes, none of them zero: clients read it as a C string. */
export function greeting(version: string, plugin: string, nonce: Buffer, tls: boolean): Buffer {
  const bits = tls ? offered | capability.ssl : offered;
  const fixed = Buffer.alloc(4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 10);
  fixed.writeUInt32LE(1, 0);
  nonce.copy(fixed, 4, 0, 8);
  fixed.writeUInt16LE(bits & 0xffff, 13);
  fixed.writeUInt8(utf8, 15);
  fixed.writeUInt16LE(autocommit, 16);
  fixed.writeUInt16LE(bits >>> 16, 18);
  fixed.writeUInt8(nonce.length + 1, 20);
  const head = Buffer.concat([Buffer.of(10), Buffer.from(`${version}\0`, 'latin1')]);
  return Buffer.concat([head, fixed, nonce.subarray(8), Buffer.from(`\0${plugin}\0`, 'latin1')]);
}

/** The client's answer to the greeting. */
export interface HandshakeResponse {
  readonly user: string;
  readonly scramble: Buffer;
  /** Empty when the client names none. */
  readonly plugin: string;
}

const fixedPart = 32;

/** The short form of the answer, 32 bytes with the SSL bit: the client now begins TLS. */
export function isTlsRequest(packet: Buffer): boolean {
  return packet.length === fixedPart && (packet.readUInt32LE(0) & capability.ssl) !== 0;
}

export function parseHandshakeResponse(packet: Buffer): HandshakeResponse {
  if (packet.length <= fixedPart) throw new ConnectionEnded('the client sent no login');
  const bits = packet.readUInt32LE(0);
  const user = untilZero(packet, fixedPart);
  const scramble = scrambleAt(packet, user.next, (bits & capability.pluginAuthLenenc) !== 0);
  let at = scramble.next;
  if ((bits & capability.connectWithDb) !== 0) at = untilZero(packet, at).next;
  const plugin = (bits & capability.pluginAuth) !== 0 ? untilZero(packet, at).text : '';
  return { user: user.text, scramble: scramble.bytes, plugin };
}

function untilZero(packet: Buffer, from: number): { readonly text: string; readonly next: number } {
  const zero = packet.indexOf(0, from);
  const end = zero === -1 ? packet.length : zero;
  return { text: packet.toString('utf8', Math.min(from, end), end), next: end + 1 };
}

/** One length byte either way: a scramble of 251 bytes or more (a clear-text password) is nothing we ask for. */
function scrambleAt(packet: Buffer, at: number, lengthEncoded: boolean): { bytes: Buffer; next: number } {
  const length = packet[at] ?? 0;
  if (lengthEncoded && length > 250) throw new ConnectionEnded('the client sent a login that cannot be read');
  return { bytes: packet.subarray(at + 1, at + 1 + length), next: at + 1 + length };
}
