import { expect, it } from 'vitest';
import { observeAgain } from '../../src/cli/observe-again.js';
import type { Picture, Reach } from '../../src/model/picture.js';
import type { ServerId } from '../../src/model/settings.js';
import { id } from '../support/picture.js';

it('a server that was silent before is waited for less long, and seen all the same when it is back', async () => {
  const [here, away] = [id('b'), id('c')];
  const back: Reach = { kind: 'refused-us', errno: 1040, message: 'busy' };
  const silent: Reach = { kind: 'no-answer', message: 'no route' };
  const before: Picture = {
    takenAt: 0,
    servers: new Map<ServerId, Reach>([
      [here, back],
      [away, silent],
    ]),
  };
  const asked = new Map<ServerId, number>();
  const observe = (deadlineMs: number, ids: readonly ServerId[] = []): Promise<Picture> => {
    for (const one of ids) asked.set(one, deadlineMs);
    return Promise.resolve({ takenAt: 1, servers: new Map(ids.map((one) => [one, back])) });
  };
  const seen = await observeAgain({ observe }, [here, away, id('d')], before);
  expect([...seen.servers.keys()].toSorted()).toEqual([here, away, id('d')].toSorted());
  expect(Object.fromEntries(asked)).toEqual({ [here]: 5_000, [away]: 2_000, [id('d')]: 5_000 });
});
