import { allAddresses } from '../config/addresses.js';
import type { Picture } from '../model/picture.js';

const deadlineMs = 2_000;

async function addressesBehind(name: string): Promise<readonly string[]> {
  const expired = new Promise<readonly string[]>((resolve) => setTimeout(resolve, deadlineMs, []).unref());
  // A name that cannot be resolved is simply not matched; the checks then name the source they do not know.
  return Promise.race([allAddresses(name).catch(() => []), expired]);
}

/** All addresses of the names by which replicas call their source: a replica tries one after the other. */
export async function addressesOf(picture: Picture): Promise<ReadonlyMap<string, readonly string[]>> {
  const names = new Set<string>();
  for (const reach of picture.servers.values()) {
    if (reach.kind !== 'answered') continue;
    for (const { sourceHost } of reach.state.channels) if (sourceHost !== '') names.add(sourceHost);
  }
  return new Map(await Promise.all([...names].map(async (name) => [name, await addressesBehind(name)] as const)));
}
