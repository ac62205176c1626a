import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { reachTarget } from '../../../src/failover/steps/reach-target.js';
import { Fault } from '../../../src/model/fault.js';
import type { Channel, Reach } from '../../../src/model/picture.js';
import type { ServerId } from '../../../src/model/settings.js';
import { id, mysql97 } from '../../support/picture.js';
import { at, contender } from '../build.js';

interface Other {
  /** What it has executed when its applier has drained; left out: it has not come so far. */
  readonly drained?: string;
  readonly channel?: Partial<Channel>;
  readonly slavePos?: string;
  readonly isGone?: boolean;
}

/** b is to lead and has executed up to 1:500, with nobody to serve it; c has received more. */
async function verified({ drained, channel, slavePos = '', isGone = false }: Other, own = ''): Promise<void> {
  const gtid = (pos: string) => ({ gtid: { ...contender('b').state.gtid, slavePos: pos } });
  const levels = [
    contender('b', { received: '1:500', state: gtid(own) }),
    contender('c', { received: '1:900', executed: drained ?? '1:300', state: gtid(slavePos), channel: channel ?? {} }),
  ];
  const facts = noFacts();
  for (const level of levels) facts.former.set(level.server, level);
  facts.chosen = id('b');
  facts.executed.set(id('b'), at('1:500'));
  if (drained !== undefined) facts.executed.set(id('c'), at(drained));
  const find = (server: ServerId): (typeof levels)[number] => {
    const found = levels.find((level) => level.server === server);
    if (found === undefined) throw new Error('nobody of that name');
    return found;
  };
  const servers = {
    channels: (server: ServerId) =>
      isGone && server === id('c')
        ? Promise.reject(new Fault('SQL_CONNECTION_LOST', { server, message: 'gone' }))
        : Promise.resolve([find(server).channel]),
    reach: (server: ServerId): Promise<Reach> => {
      const { state, channel: only } = find(server);
      if (isGone && server === id('c')) return Promise.resolve({ kind: 'port-refused', message: 'gone' });
      return Promise.resolve({ kind: 'answered', state: { ...state, channels: [only] } });
    },
  };
  const world = { facts, servers, signal: new AbortController().signal } as unknown as World;
  const action = { do: 'reach-target', channel: '', asMuchAs: id('c') } as const;
  const reaching = step(action, { phase: 'newest-replica', server: id('b'), onFailure: 'replan' });
  expect(await reachTarget.already?.(reaching as never, world)).toBe(true);
}

describe('one that is to lead while another one has received more, and nothing brings that to it', () => {
  it('is refused when the other one has executed more', async () => {
    await expect(verified({ drained: '1:900' })).rejects.toMatchObject({
      code: 'HISTORIES_APART',
      facts: { server: id('b'), other: id('c'), missing: 'what lies between bin.000001:500 and bin.000001:900' },
    });
  });

  it('is refused by what the sets say, where there are some', async () => {
    await expect(verified({ drained: '1:900', slavePos: '0-1-12' }, '0-1-11')).rejects.toMatchObject({
      facts: { missing: '0-1-12' },
    });
  });

  it('leads when what the other one had received was no whole transaction', async () => {
    await expect(verified({ drained: '1:500' })).resolves.toBeUndefined();
  });

  it('leads when only the end of a file lies between', async () => {
    await expect(verified({ drained: '2:4', slavePos: '0-1-11' }, '0-1-11')).resolves.toBeUndefined();
  });

  it.each([
    ['has a broken applier and executed less', { channel: { applierError: { number: 1062, text: 'Duplicate' } } }],
    ['is gone', { isGone: true }],
  ])('leads when the other one %s', async (_what, other) => {
    await expect(verified(other)).resolves.toBeUndefined();
  });

  it('is refused when the other one is delayed, whatever that has executed', async () => {
    await expect(verified({ channel: { delaySeconds: 3600 } })).rejects.toMatchObject({ code: 'HISTORIES_APART' });
  });
});

describe('the same by auto-position', () => {
  const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';

  /** What b and c, the newest, have executed once both have drained. */
  async function verify(
    own: string,
    theirs: string,
    { place = '1:900', isNewest = true, isGone = false } = {},
  ): Promise<void> {
    const level = (name: string, place: string, executed: string): ReturnType<typeof contender> => {
      const { gtid } = contender(name).state;
      const state = { version: mysql97, gtid: { ...gtid, mode: 'ON', executed: `${uuid}:${executed}` } };
      return contender(name, { received: place, state, channel: { mode: 'auto-position', sourceUuid: uuid } });
    };
    const levels = [level('b', '1:500', own), level('c', place, theirs)];
    const facts = noFacts();
    facts.chosen = id('b');
    for (const one of levels) {
      facts.former.set(one.server, one);
      facts.heldGtids.set(one.server, one.state.gtid.executed);
      if (one.channel.executed !== undefined) facts.executed.set(one.server, one.channel.executed);
    }
    const reach = (server: ServerId): Promise<Reach> => {
      const found = levels.find((one) => one.server === server);
      if (found === undefined) throw new Error('nobody of that name');
      if (isGone && server === id('c')) return Promise.resolve({ kind: 'port-refused', message: 'gone' });
      return Promise.resolve({ kind: 'answered', state: { ...found.state, channels: [found.channel] } });
    };
    const world = { facts, servers: { reach }, signal: new AbortController().signal } as unknown as World;
    const action = { do: 'reach-target', channel: '', ...(isNewest ? { asMuchAs: id('c') } : {}) } as const;
    const reaching = step(action, { phase: 'newest-replica', server: id('b'), onFailure: 'replan' });
    expect(await reachTarget.already?.(reaching as never, world)).toBe(false);
    await reachTarget.verify?.(reaching as never, world);
  }

  it('is refused when the other one has executed what it lacks', async () => {
    await expect(verify('1-10', '1-12')).rejects.toMatchObject({
      code: 'HISTORIES_APART',
      facts: { missing: `${uuid}:11-12` },
    });
  });

  it('leads when both have the same, wherever their coordinates are', async () => {
    await expect(verify('1-12', '1-12')).resolves.toBeUndefined();
  });

  const behind = { place: '1:157', isNewest: false };

  it('is refused, too, when the coordinates of that other one show less than it has', async () => {
    await expect(verify('1-10', '1-12', behind)).rejects.toMatchObject({
      code: 'HISTORIES_APART',
      facts: { other: id('c'), missing: `${uuid}:11-12` },
    });
  });

  it('leads when that one is gone, or has but transactions of its own beyond', async () => {
    await expect(verify('1-10', '1-12', { ...behind, isGone: true })).resolves.toBeUndefined();
    const own = '99999999-71ca-11e1-9e33-c80aa9429562:1-3';
    await expect(verify('1-10', `1-10,${own}`, behind)).resolves.toBeUndefined();
  });
});
