import type { FenceEvidence } from '../failover/preflight/evidence.js';
import { type Picture, stateOf } from '../model/picture.js';
import type { ServerSettings } from '../model/settings.js';
import { judgeHost } from '../monitor/host-sight.js';
import { probeHost } from '../monitor/probe-host.js';
import type { Door } from '../ports/shell.js';
import type { Parts } from './parts.js';

const deadlineMs = 5_000;

/** Asks each host of a server that answers whether the SSH user could stop it, were it to hang. */
export async function fenceSights(
  { settings, shells }: Pick<Parts, 'settings' | 'shells'>,
  picture: Picture,
): Promise<readonly FenceEvidence[]> {
  const asked = settings.servers.filter(({ skipInitSshCheck }) => !skipInitSshCheck);
  const sights = asked.map(async (server) => {
    const state = stateOf(picture, server.id);
    return state === undefined ? undefined : sightOf(server, state.dataDir, shells.door(server.id));
  });
  return (await Promise.all(sights)).filter((sight) => sight !== undefined);
}

/** Undefined where the host does not answer: other checks say that. */
async function sightOf(
  { id, address, port }: ServerSettings,
  dataDir: string,
  door: Door,
): Promise<FenceEvidence | undefined> {
  const place = { address, port, dataDir };
  const report = await probeHost(door, place, { deadlineMs }).catch(() => undefined);
  if (report === undefined) return undefined;
  const { holders, lines } = judgeHost(report, place);
  if (holders.length === 0) return { server: id, sight: 'not-seen', lines };
  const sight = holders.every(({ mayEnd }) => mayEnd === true) ? 'may-end' : 'may-not-end';
  return { server: id, sight, lines };
}
