import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { describeError } from '../model/fault.js';

/** Finds a name's address. Rejects when there is none. */
export type Lookup = (name: string) => Promise<string>;

export type Resolved =
  { readonly kind: 'found'; readonly address: string } | { readonly kind: 'failed'; readonly reason: string };

const deadlineMs = 5_000;

/** The first address the system gives, IPv4 or IPv6, as MHA takes it. */
export const systemLookup: Lookup = async (name) => (await lookup(name)).address;

/** Resolves all names at once, each within the deadline. An address stands for itself and asks nobody. */
export async function resolveNames(names: Iterable<string>, look: Lookup): Promise<ReadonlyMap<string, Resolved>> {
  const distinct = [...new Set(names)];
  const found = await Promise.all(distinct.map((name) => resolveName(name, look)));
  return new Map(distinct.map((name, index) => [name, found[index] ?? { kind: 'failed', reason: 'not asked' }]));
}

export async function resolveName(name: string, look: Lookup): Promise<Resolved> {
  if (isIP(name) !== 0) return { kind: 'found', address: name };
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
