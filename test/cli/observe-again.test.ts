import { expect, it } from 'vitest';
import { type AskedAgain, observeAgain } from '../../src/cli/observe-again.js';
import type { Picture, Reach } from '../../src/model/picture.js';
import type { ServerId } from '../../src/model/settings.js';
import { id, serverState } from '../support/picture.js';

const answered: Reach = { kind: 'answered', state: serverState('b') };
const silent: Reach = { kind: 'no-answer', message: 'no route' };
const nobody: Picture = { takenAt: 0, servers: new Map() };

/** Time passes in sleeps only. */
function clockOf(): AskedAgain['clock'] {
  let time = 0;
  return {
    wall: () => time,
    sleep: (ms) => {
      time += ms;
      return Promise.resolve();
    },
  };
}

/** Servers that answer as `reach` says, in the end. */
function asking(reach: (deadlineMs: number, id: ServerId) => Promise<Reach>, isGone = false): AskedAgain {
  const observe = async (deadlineMs: number, ids: readonly ServerId[] = []): Promise<Picture> => {
    const seen = ids.map(async (one) => [one, await reach(deadlineMs, one)] as const);
    return { takenAt: 1, servers: new Map(await Promise.all(seen)) };
  };
  return { servers: { observe }, clock: clockOf(), isHostGone: () => Promise.resolve(isGone) };
}

it('a server that was silent before is waited for less long, and seen all the same when it is back', async () => {
  const [here, away, left, newcomer] = [id('b'), id('c'), id('e'), id('d')];
  const before: Picture = {
    takenAt: 0,
    servers: new Map<ServerId, Reach>([
      [here, answered],
      [away, silent],
      [left, answered],
    ]),
  };
  const waits = new Map<ServerId, number>();
  const asked = asking((deadlineMs, one) => {
    waits.set(one, deadlineMs);
    return Promise.resolve(answered);
  });
  const ids = [here, away, newcomer, left];
  const seen = await observeAgain(asked, ids, { picture: before, silent: new Set([left]) });
  expect([...seen.servers]).toEqual(ids.map((one) => [one, answered]));
  expect(Object.fromEntries(waits)).toEqual({ [here]: 5_000, [away]: 1_000, [newcomer]: 5_000, [left]: 1_000 });
});

it('one whose host is gone is not waited for', async () => {
  const asked = asking(() => new Promise(() => undefined), true);
  const seen = await observeAgain(asked, [id('b')], { picture: nobody, silent: new Set() });
  expect(seen.servers.get(id('b'))).toMatchObject({ kind: 'no-answer', message: 'nothing on its host answers' });
});

it('one that is slow on a host that is there is waited for', async () => {
  let answer: (reach: Reach) => void = () => undefined;
  const late = new Promise<Reach>((resolve) => (answer = resolve));
  const asked = asking(() => late);
  const looked = { ...asked, isHostGone: () => asked.isHostGone(id('b')).finally(() => answer(answered)) };
  const seen = await observeAgain(looked, [id('b')], { picture: nobody, silent: new Set() });
  expect(seen.servers.get(id('b'))).toBe(answered);
});
