import type { Picture } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Servers } from '../ports/servers.js';

const observeMs = 5_000;
/** For a server that was silent already when the command began: an outage is not to wait long for it. */
const knownSilentMs = 2_000;

/** One that has come back meanwhile answers in milliseconds; one that is down still costs its whole deadline. */
export async function observeAgain(
  servers: Pick<Servers, 'observe'>,
  ids: readonly ServerId[],
  before: Picture,
): Promise<Picture> {
  const wasSilent = (id: ServerId): boolean => before.servers.get(id)?.kind === 'no-answer';
  const [first, second] = await Promise.all([
    servers.observe(
      observeMs,
      ids.filter((id) => !wasSilent(id)),
    ),
    servers.observe(knownSilentMs, ids.filter(wasSilent)),
  ]);
  return { takenAt: first.takenAt, servers: new Map([...first.servers, ...second.servers]) };
}
