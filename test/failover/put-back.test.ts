import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../src/failover/hand.js';
import { type FormerRecord, putBack } from '../../src/failover/put-back.js';
import type { Channel } from '../../src/model/picture.js';
import { serverId } from '../../src/model/settings.js';
import { statement } from '../../src/model/statement.js';
import { contender } from './build.js';

const [a, b] = [serverId('a', 3306), serverId('b', 3306)];
const former = contender('b');
/** As the run has left it. */
const threadsNow = 8;

/** A replica whose receiver says these, one after the other, once it was started; the last one for ever. */
function scripted(...said: readonly Partial<Channel>[]): { world: World; left: () => number; sent: string[] } {
  let time = 0;
  let isStarted = false;
  const looks = [...said];
  const sent: string[] = [];
  const servers = {
    channels: () => {
      const now = isStarted ? (looks.length > 1 ? looks.shift() : looks[0]) : {};
      return Promise.resolve([{ ...former.channel, ...now }]);
    },
    dialect: () => ({
      readOnly: () => [statement('open')],
      relayLogPurge: () => [statement('purge on')],
      startApplier: () => [statement('start applier')],
      startReceiver: () => [statement('start receiver')],
      stopReplication: () => [statement('stop both')],
      parallelAppliers: () => undefined,
      applyInParallel: (threads: number, mode: string) => [statement(`threads ${String(threads)} ${mode}`)],
    }),
    reach: () => Promise.resolve({ kind: 'answered', state: { ...former.state, parallelThreads: threadsNow } }),
    run: (id: string, items: readonly { readonly text: string }[]) => {
      sent.push(...items.map(({ text }) => `${id} ${text}`));
      isStarted ||= items.some(({ text }) => text === 'start receiver');
      return Promise.resolve();
    },
  };
  const clock = {
    now: () => time,
    sleep: (ms: number) => {
      time += ms;
      return Promise.resolve();
    },
  };
  const world = { servers, clock, facts: noFacts(), signal: new AbortController().signal };
  return { world: world as unknown as World, left: () => looks.length - 1, sent };
}

const killed = (command: FormerRecord['command']): FormerRecord => ({
  command,
  source: a,
  sourceReadOnly: false,
  formers: [former],
});
const connecting = { receiver: 'connecting' } as const;
const refused = { ...connecting, receiverError: { number: 2003, text: 'no route' } };

describe('what a killed run left', () => {
  it('of two that follow each other goes on following with the threads that it had', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    await putBack({ ...killed('switch'), following: { ...former.channel, applier: 'stopped' } }, world);
    expect(sent.filter((line) => line.startsWith(a))).toEqual([`${a} open`, `${a} start receiver`]);
  });

  it('is put back, and a switch gives writes back before it waits for anybody', async () => {
    const { world, sent } = scripted({ receiver: 'running' });
    await putBack(killed('switch'), world);
    expect(sent.at(-1)).toBe(`${a} open`);
    expect(sent).toContain(`${b} start receiver`);
  });

  it.each([
    ['until it has connected', [connecting, connecting, { receiver: 'running' } as const]],
    ['until it says why it cannot', [connecting, refused]],
    ['not for ever', [connecting]],
  ])('by a switch is waited for: %s', async (_what, said) => {
    const { world, left } = scripted(...said);
    await putBack(killed('switch'), world);
    expect(left()).toBe(0);
  });

  it('by a failover is not waited for: its source is dead', async () => {
    const { world, left } = scripted(connecting, connecting, refused);
    await putBack(killed('failover'), world);
    expect(left()).toBe(2);
  });

  it.each([
    [0, [`${b} stop both`, `${b} threads 0 optimistic`]],
    // Somebody's own choice, and none of the run's.
    [8, []],
  ])('applies as before: %i threads', async (parallelThreads, wanted) => {
    const { world, sent } = scripted({ receiver: 'running' });
    const channel = { ...former.channel, parallelMode: 'optimistic' };
    const state = { ...former.state, parallelThreads, channels: [channel] };
    await putBack({ ...killed('failover'), formers: [{ ...former, state, channel }] }, world);
    expect(sent.filter((line) => /stop both|threads/.test(line))).toEqual(wanted);
    expect(sent.indexOf(`${b} start applier`)).toBeGreaterThan(sent.indexOf(wanted.at(-1) ?? ''));
  });
});
