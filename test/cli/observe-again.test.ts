import { expect, it } from 'vitest';
import { observeAgain } from '../../src/cli/observe-again.js';
import type { Picture, Reach } from '../../src/model/picture.js';
import type { ServerId } from '../../src/model/settings.js';
import { id, serverState } from '../support/picture.js';

/** Time passes in sleeps only. */
function clockOf(): { now: () => number; sleep: (ms: number) => Promise<void> } {
  let time = 0;
  return {
    now: () => time,
    sleep: (ms) => {
      time += ms;
      return Promise.resolve();
    },
  };
}

it('a server that was silent before is waited for less long, and seen all the same when it is back', async () => {
  const [here, away, left] = [id('b'), id('c'), id('e')];
  const back: Reach = { kind: 'refused-us', errno: 1045, message: 'denied' };
  const silent: Reach = { kind: 'no-answer', message: 'no route' };
  const before: Picture = {
    takenAt: 0,
    servers: new Map<ServerId, Reach>([
      [here, back],
      [away, silent],
      [left, back],
    ]),
  };
  const asked = new Map<ServerId, number>();
  const observe = (deadlineMs: number, ids: readonly ServerId[] = []): Promise<Picture> => {
    for (const one of ids) asked.set(one, deadlineMs);
    return Promise.resolve({ takenAt: 1, servers: new Map(ids.map((one) => [one, back])) });
  };
  const ids = [here, away, id('d'), left];
  const seen = await observeAgain({ servers: { observe }, clock: clockOf() }, ids, {
    picture: before,
    silent: new Set([left]),
  });
  expect([...seen.servers.keys()].toSorted()).toEqual(ids.toSorted());
  expect(Object.fromEntries(asked)).toEqual({ [here]: 5_000, [away]: 1_000, [id('d')]: 5_000, [left]: 1_000 });
});

it.each([
  ['gives way', 2, 'answered', 3],
  ['lasts', 99, 'refused-us', 9],
])('a replica with too many connections is asked again while the crowd %s', async (_what, times, kind, looks) => {
  let asked = 0;
  const observe = (_deadlineMs: number, ids: readonly ServerId[] = []): Promise<Picture> => {
    if (ids.length === 0) return Promise.resolve({ takenAt: 1, servers: new Map() });
    asked += 1;
    const crowd: Reach = { kind: 'refused-us', errno: 1040, message: 'Too many connections' };
    const reach: Reach = asked > times ? { kind: 'answered', state: serverState('b') } : crowd;
    return Promise.resolve({ takenAt: 1, servers: new Map(ids.map((one) => [one, reach])) });
  };
  const before: Picture = { takenAt: 0, servers: new Map() };
  const seen = await observeAgain({ servers: { observe }, clock: clockOf() }, [id('b')], {
    picture: before,
    silent: new Set(),
  });
  expect([seen.servers.get(id('b'))?.kind, asked]).toEqual([kind, looks]);
});
