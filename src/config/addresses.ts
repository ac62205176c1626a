import { lookup } from 'node:dns/promises';
import { isIP, isIPv4, isIPv6, SocketAddress } from 'node:net';
import { describeError } from '../model/fault.js';

/** Finds a name's address. Rejects when there is none. */
export type Lookup = (name: string) => Promise<string>;

export type Resolved =
  { readonly kind: 'found'; readonly address: string } | { readonly kind: 'failed'; readonly reason: string };

const deadlineMs = 5_000;

/**
 * The first IPv4 address, else the first one. Debian's `localhost` is `::1` as well, which comes first, while its MariaDB
 * listens on 127.0.0.1 alone.
 */
export function preferred(addresses: readonly string[]): string | undefined {
  return addresses.find(isIPv4) ?? addresses[0];
}

export const systemLookup: Lookup = async (name) => {
  const address = preferred(await allAddresses(name));
  if (address === undefined) throw new Error('no address');
  return address;
};

/** All of a name's addresses, each in its one form; an address stands for itself. Rejects when there is none. */
export async function allAddresses(name: string): Promise<readonly string[]> {
  if (isIP(name) !== 0) return [plainAddress(name)];
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

/** One form for what can be written in many: `FD00::0001` is `fd00::1`. A zone stays. */
function plainAddress(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/** Resolves all names at once, each within the deadline. An address stands for itself and asks nobody. */
export async function resolveNames(names: Iterable<string>, look: Lookup): Promise<ReadonlyMap<string, Resolved>> {
  const distinct = [...new Set(names)];
  const found = await Promise.all(distinct.map((name) => resolveName(name, look)));
  return new Map(distinct.map((name, index) => [name, found[index] ?? { kind: 'failed', reason: 'not asked' }]));
}

export async function resolveName(name: string, look: Lookup): Promise<Resolved> {
  if (isIP(name) !== 0) return { kind: 'found', address: plainAddress(name) };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Resolved>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: 'failed', reason: `no answer within ${String(deadlineMs)} ms` });
    }, deadlineMs);
  });
  const asked = look(name).then(
    (address): Resolved => ({ kind: 'found', address }),
    (error: unknown): Resolved => ({ kind: 'failed', reason: describeError(error) }),
  );
  return Promise.race([asked, late]).finally(() => {
    clearTimeout(timer);
  });
}
