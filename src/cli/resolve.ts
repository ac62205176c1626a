import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Picture } from '../model/picture.js';

const deadlineMs = 2_000;

async function addressOf(name: string): Promise<string | undefined> {
  const expired = new Promise<undefined>((resolve) => setTimeout(resolve, deadlineMs, undefined).unref());
  // A name that cannot be resolved is simply not matched; the checks then name the source they do not know.
  const found = lookup(name).then(
    ({ address }) => address,
    () => undefined,
  );
  return Promise.race([found, expired]);
}

/** Addresses of the names by which replicas call their source. */
export async function addressesOf(picture: Picture): Promise<ReadonlyMap<string, string>> {
  const names = new Set<string>();
  for (const reach of picture.servers.values()) {
    if (reach.kind !== 'answered') continue;
    for (const { sourceHost } of reach.state.channels)
      if (sourceHost !== '' && isIP(sourceHost) === 0) names.add(sourceHost);
  }
  const resolved = await Promise.all([...names].map(async (name) => [name, await addressOf(name)] as const));
  return new Map(resolved.flatMap(([name, address]) => (address === undefined ? [] : [[name, address] as const])));
}
