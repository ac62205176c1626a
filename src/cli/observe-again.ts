import type { Picture, Reach } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Servers } from '../ports/servers.js';

const observeMs = 5_000;
/** For a server that was silent already before: an outage is not to wait long for it. */
const knownSilentMs = 1_000;

/** Too many connections, of all or of our account: clients that lost their source look for it everywhere, and give up again. */
const busy: ReadonlySet<number> = new Set([1040, 1203, 1226]);
const busyMs = 2_000;
const askEveryMs = 250;

/** One that has come back meanwhile answers in milliseconds; one that is down still costs its whole deadline. */
export async function observeAgain(
  { servers, clock }: { readonly servers: Pick<Servers, 'observe'>; readonly clock: Pick<Clock, 'now' | 'sleep'> },
  ids: readonly ServerId[],
  before: {
    /** As the command found them. */
    readonly picture: Picture;
    /** Who gave no answer since, while the source still lived. */
    readonly silent: ReadonlySet<ServerId>;
  },
): Promise<Picture> {
  const wasSilent = (id: ServerId): boolean =>
    before.silent.has(id) || before.picture.servers.get(id)?.kind === 'no-answer';
  const [first, second] = await Promise.all([
    servers.observe(
      observeMs,
      ids.filter((id) => !wasSilent(id)),
    ),
    servers.observe(knownSilentMs, ids.filter(wasSilent)),
  ]);
  const seen = new Map([...first.servers, ...second.servers]);
  const until = clock.now() + busyMs;
  for (;;) {
    const again = ids.filter((id) => isBusy(seen.get(id)));
    if (again.length === 0 || clock.now() >= until) return { takenAt: first.takenAt, servers: seen };
    await clock.sleep(askEveryMs);
    const third = await servers.observe(knownSilentMs, again);
    for (const [id, reach] of third.servers) seen.set(id, reach);
  }
}

/** It lives, and may have what nobody else has: it is not left out for a moment's crowd. */
function isBusy(reach: Reach | undefined): boolean {
  return reach?.kind === 'refused-us' && busy.has(reach.errno);
}
