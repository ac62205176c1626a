import type { Evidence } from '../failover/preflight/evidence.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import { knock } from '../monitor/knock.js';
import type { Knock } from '../ports/knock.js';
import { checkSsh } from '../ssh/check.js';
import type { Parts } from './parts.js';
import { sshPlaceOf } from './ssh-place.js';

type Unserved = ReadonlyMap<ServerId, string>;

/** Replicas that the start's checks found no way to: known now, they cost no attempt later. */
export function unservedIn({ ssh, settings }: Pick<Evidence, 'ssh' | 'settings'>): Unserved {
  const ways = ssh.flatMap(({ id, reach, login, reverse }): (readonly [ServerId, string])[] => {
    const isListenedFor = settings.servers.some((server) => server.id === id && hasOtherWay(server));
    const failed = [reach, login, reverse].find(({ outcome }) => outcome === 'failed');
    return isListenedFor || failed === undefined ? [] : [[id, failed.message ?? noTunnel]];
  });
  return new Map(ways);
}

/** Beside what a failover asks anyway, and no longer: whoever is silent now was no way at the start either. */
const againMs = 1_500;
/** A firewall that swallows what is sent there, or a host that is gone: clients do not wait for more than a few round trips. */
const silentMs = 300;
const noTunnel = 'no SSH tunnel';

/**
 * Those to which there is no way now either. The start was months ago perhaps, and said what to repair: a replica whose SSH
 * server forwards since, or that has an address to be served at, is served like any other.
 */
export async function stillUnserved(
  { settings, shells, clock }: Pick<Parts, 'settings' | 'shells' | 'clock'>,
  before: Unserved,
  look: Knock = knock,
): Promise<Unserved> {
  const asked = settings.servers.filter((server) => before.has(server.id) && !hasOtherWay(server));
  if (asked.length === 0) return new Map();
  const known = asked.map(({ id }) => [id, before.get(id) ?? noTunnel] as const);
  const looking = Promise.all(asked.map((server) => opens(server, shells, look))).then(
    (open) => new Map(known.filter((_, index) => open[index] !== true)),
  );
  return Promise.race([looking, clock.sleep(againMs).then(() => new Map(known))]);
}

async function opens(server: ServerSettings, shells: Parts['shells'], look: Knock): Promise<boolean> {
  const place = sshPlaceOf(server);
  if (place !== undefined && (await look(place.address, place.port, silentMs)) === 'no-answer') return false;
  const again = { ...server, skipInitSshCheck: false, binlogDirs: [] };
  const [check] = await checkSsh([again], shells, { deadlineMs: againMs });
  return check?.login.outcome === 'ok' && check.reverse.outcome === 'ok';
}

function hasOtherWay({ recoveryListenAddress }: ServerSettings): boolean {
  return recoveryListenAddress !== undefined;
}
