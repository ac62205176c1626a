import type { Picture, Reach } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Servers } from '../ports/servers.js';

const observeMs = 5_000;
/** For a server that was silent already before: an outage is not to wait long for it. */
const knownSilentMs = 1_000;
/** One that lives has answered by then, unless it is slow; whether its host is there is asked of the others only. */
const hostAskedAfterMs = 300;

export interface AskedAgain {
  readonly servers: Pick<Servers, 'observe'>;
  readonly clock: Pick<Clock, 'sleep' | 'wall'>;
  /** Whether nothing on its host answers any more. Never rejects. */
  readonly isHostGone: (id: ServerId) => Promise<boolean>;
}

export interface SeenBefore {
  /** As the command found them. */
  readonly picture: Picture;
  /** Who gave no answer since, while the source still lived. */
  readonly silent: ReadonlySet<ServerId>;
}

/**
 * One that has come back meanwhile answers in milliseconds; what took the source may have taken the host of another, and
 * clients do not wait for it. A server whose host is there gets its whole deadline.
 */
export async function observeAgain(asked: AskedAgain, ids: readonly ServerId[], before: SeenBefore): Promise<Picture> {
  const { servers, clock } = asked;
  const wasSilent = (id: ServerId): boolean =>
    before.silent.has(id) || before.picture.servers.get(id)?.kind === 'no-answer';
  const reach = async (id: ServerId, ms: number): Promise<Reach> => {
    const { servers: seen } = await servers.observe(ms, [id]);
    return seen.get(id) ?? { kind: 'no-answer', message: 'it was not asked' };
  };
  const ask = (id: ServerId): Promise<Reach> =>
    wasSilent(id) ? reach(id, knownSilentMs) : unlessGone(asked, id, reach(id, observeMs));
  const seen = await Promise.all(ids.map(async (id) => [id, await ask(id)] as const));
  return { takenAt: clock.wall(), servers: new Map(seen) };
}

async function unlessGone({ clock, isHostGone }: AskedAgain, id: ServerId, answer: Promise<Reach>): Promise<Reach> {
  const answered = new AbortController();
  const gone = async (): Promise<Reach> => {
    await clock.sleep(hostAskedAfterMs, answered.signal);
    if (await isHostGone(id)) return { kind: 'no-answer', message: 'nothing on its host answers' };
    return answer;
  };
  try {
    return await Promise.race([answer, gone()]);
  } finally {
    answered.abort();
  }
}
