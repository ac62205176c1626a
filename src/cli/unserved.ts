import type { Evidence } from '../failover/preflight/evidence.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import { checkSsh } from '../ssh/check.js';
import type { Parts } from './parts.js';

type Unserved = ReadonlyMap<ServerId, string>;

/** Replicas that the start's checks found no way to: known now, they cost no attempt later. */
export function unservedIn({ ssh, settings }: Pick<Evidence, 'ssh' | 'settings'>): Unserved {
  const ways = ssh.flatMap(({ id, login, reverse }): (readonly [ServerId, string])[] => {
    const isListenedFor = settings.servers.some((server) => server.id === id && hasOtherWay(server));
    const failed = [login, reverse].find(({ outcome }) => outcome === 'failed');
    return isListenedFor || failed === undefined ? [] : [[id, failed.message ?? noTunnel]];
  });
  return new Map(ways);
}

/** Beside what a failover asks anyway, and no longer: whoever is silent now was no way at the start either. */
const againMs = 1_500;
const noTunnel = 'no SSH tunnel';

/**
 * Those to which there is no way now either. The start was months ago perhaps, and said what to repair: a replica whose SSH
 * server forwards since, or that has an address to be served at, is served like any other.
 */
export async function stillUnserved(
  { settings, shells, clock }: Pick<Parts, 'settings' | 'shells' | 'clock'>,
  before: Unserved,
): Promise<Unserved> {
  const asked = settings.servers.filter((server) => before.has(server.id) && !hasOtherWay(server));
  if (asked.length === 0) return new Map();
  const known = asked.map(({ id }) => [id, before.get(id) ?? noTunnel] as const);
  const again = asked.map((server) => ({ ...server, skipInitSshCheck: false, binlogDirs: [] }));
  const looking = checkSsh(again, shells, { deadlineMs: againMs }).then((checks) => {
    const open = checks.filter(({ login, reverse }) => login.outcome === 'ok' && reverse.outcome === 'ok');
    return new Map(known.filter(([id]) => open.every((check) => check.id !== id)));
  });
  return Promise.race([looking, clock.sleep(againMs).then(() => new Map(known))]);
}

function hasOtherWay({ recoveryListenAddress }: ServerSettings): boolean {
  return recoveryListenAddress !== undefined;
}
