import { isIPv4, isIPv6 } from 'node:net';

/** Words of an IPv6 address, `::` filled up; IPv4 in its last part allowed. */
function words(address: string): readonly number[] {
  const plain = address.replace(/%.*$/, '').replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, a, b, c, d) => {
    const word = (high: unknown, low: unknown): string => (Number(high) * 256 + Number(low)).toString(16);
    return `${word(a, b)}:${word(c, d)}`;
  });
  const [head = '', tail] = plain.split('::');
  const numbers = (text: string): number[] => (text === '' ? [] : text.split(':').map((part) => parseInt(part, 16)));
  const left = numbers(head);
  if (tail === undefined) return left;
  const right = numbers(tail);
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** Bytes of an IP address; IPv4 as the IPv6 form that maps it, so that both compare. Undefined for a name. */
function bytesOf(address: string): readonly number[] | undefined {
  if (isIPv4(address)) return [...Array<number>(10).fill(0), 255, 255, ...address.split('.').map(Number)];
  if (!isIPv6(address)) return undefined;
  return words(address).flatMap((word) => [word >> 8, word & 255]);
}

const hex = (bytes: readonly number[]): string =>
  bytes
    .map((byte) => byte.toString(16).padStart(2, '0'))
    .join('')
    .toUpperCase();

/** Four bytes at a time turned round: /proc/net/tcp prints 32-bit words as a little-endian machine holds them. */
function turned(bytes: readonly number[]): readonly number[] {
  const groups = Array.from({ length: bytes.length / 4 }, (_unused, index) => bytes.slice(index * 4, index * 4 + 4));
  return groups.flatMap((group) => group.toReversed());
}

/** The kernel's hexadecimal as a canonical text: two texts are equal exactly when the addresses are. */
export function formatAddress(kernelHex: string): string {
  const bytes = turned(kernelHex.match(/../g)?.map((pair) => parseInt(pair, 16)) ?? []);
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12).join('.') : hex(bytes).toLowerCase();
}

/** The same canonical text for an address as people write it. */
export function canonicalAddress(address: string): string {
  const bytes = bytesOf(address);
  return bytes === undefined ? address : formatAddress(hex(turned(bytes)));
}

/** Does a listener on `bound` take connections made to `address`? The wildcards take all. */
export function isReachedAt(bound: string, address: string): boolean {
  return bound === '0.0.0.0' || bound === '0'.repeat(32) || bound === canonicalAddress(address);
}

/** How /proc/net/tcp and tcp6 print every listener that takes connections made to `address`. */
export function kernelAddresses(address: string): readonly string[] {
  const wildcards = ['00000000', '0'.repeat(32)];
  const bytes = bytesOf(address);
  if (bytes === undefined) return wildcards;
  const own = hex(turned(bytes));
  return isIPv4(address) ? [...wildcards, own, own.slice(24)] : [...wildcards, own];
}
