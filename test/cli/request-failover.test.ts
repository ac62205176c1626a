import { expect, it } from 'vitest';
import type { Parts } from '../../src/cli/parts.js';
import { failoverRequest } from '../../src/cli/request-failover.js';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import type { Picture, Reach } from '../../src/model/picture.js';
import type { ServerId } from '../../src/model/settings.js';
import { storyOf } from '../failover/build.js';
import { channelFrom, clusterSettings, id, serverSettings, serverState } from '../support/picture.js';

const settings = clusterSettings(['a', 'b', 'c', 'd'].map((name) => serverSettings(name)));
const following = (name: string, source: string): Reach => ({
  kind: 'answered',
  state: serverState(name, { readOnly: true, channels: [channelFrom(source, { sourceHost: '10.0.0.1' })] }),
});
const denied: Reach = { kind: 'refused-us', errno: 1045, message: 'Access denied' };

/** The cluster behind the death of a: b follows it, c refuses us, and d was taken out of replication by somebody. */
async function request({ takesWrites = false, sourceHost = '' } = {}) {
  const channels = sourceHost === '' ? [] : [channelFrom('x', { sourceHost })];
  const reaches = new Map<ServerId, Reach>([
    [id('b'), following('b', 'a')],
    [id('c'), denied],
    [id('d'), { kind: 'answered', state: serverState('d', { readOnly: !takesWrites, channels }) }],
  ]);
  const observe = (_ms: number, ids: readonly ServerId[] = []): Promise<Picture> =>
    Promise.resolve({ takenAt: 0, servers: new Map([...reaches].filter(([one]) => ids.includes(one))) });
  const said: string[] = [];
  const parts = {
    settings,
    servers: { observe },
    clock: { now: () => 0, wall: () => 0, sleep: () => Promise.resolve() },
    shells: { door: () => ({}) },
    say: (text: string) => said.push(text),
  } as unknown as Parts;
  const before: Picture = { takenAt: 0, servers: new Map() };
  const verdict = { code: 'SOURCE_DEAD', lines: [], fenceBy: 'nobody' };
  const end = { end: 'dead', verdict, remembered: { state: serverState('a') }, silent: new Set() };
  const wishes = { rescue: true, open: true, repoint: true } as never;
  return { said, made: await failoverRequest(parts, { source: id('a'), picture: before }, end as never, { wishes }) };
}

it('a replica that refuses us is named as left behind, with the reason, and the exit code says so', async () => {
  const { made } = await request();
  expect([made.members.map(({ server }) => server), made.unreachable]).toEqual([[id('b')], [id('c')]]);
  const facts = {
    ...noFacts(),
    opened: { server: id('b'), at: { file: 'bin.000001', position: 4 }, gtid: '', wall: 0 },
  };
  const { members, unreachable, picture } = made;
  const outcome = outcomeOf(
    { ...storyOf({ settings, source: id('a'), facts, members, unreachable }), before: picture },
    0,
  );
  expect(outcome.exit).toBe(10);
  expect(outcome.servers.find(({ server }) => server === id('c'))).toMatchObject({
    role: 'behind',
    why: 'it refused us: Access denied',
  });
});

it('a server that follows nobody any more is left alone, and not in silence', async () => {
  const { said } = await request();
  expect(said).toEqual([`warning: ${id('d')} answers and replicates from nobody, while the source is ${id('a')}`]);
});

it.each([undefined, '127.0.0.1'])(
  'a server that was promoted already is the end of it, be it still pointed to %s',
  async (sourceHost) => {
    const promise = request({ takesWrites: true, ...(sourceHost === undefined ? {} : { sourceHost }) });
    await expect(promise).rejects.toMatchObject({
      code: 'OTHER_SOURCE_OPEN',
      facts: { server: id('d'), source: id('a') },
    });
  },
);

it('a server of a third tier that is not closed, and follows one that the file does not name, ends nothing', async () => {
  const { made } = await request({ takesWrites: true, sourceHost: '10.9.9.9' });
  expect(made.members.map(({ server }) => server)).toEqual([id('b')]);
});
