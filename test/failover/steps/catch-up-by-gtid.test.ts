import { describe, expect, it } from 'vitest';
import { noFacts, type Of, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { catchUpByGtid } from '../../../src/failover/steps/catch-up-by-gtid.js';
import { serverId } from '../../../src/model/settings.js';
import { statement } from '../../../src/model/statement.js';
import { channelFrom } from '../../support/picture.js';
import { at } from '../build.js';

const [b, c] = [serverId('b', 3306), serverId('c', 3306)];
const waiting = step(
  { do: 'catch-up-by-gtid', channel: '' },
  { phase: 'repoint', server: c, onFailure: 'give-up-server' },
) as Of<'catch-up-by-gtid'>;

/** Time passes only in sleeps: one second each. `answers` of the server's own wait; the last one for ever. */
function scripted(answers: readonly (number | null)[], applierError = { number: 0, text: '' }, bytesEachLook = 0) {
  let [time, asked] = [0, 0];
  const facts = { ...noFacts(), opened: { server: b, at: at('1:4'), gtid: '0-1-90', wall: 0 } };
  // The repoint before has seen both threads run.
  facts.following.add(c);
  const servers = {
    dialect: () => ({ waitForGtid: (gtid: string) => statement('SELECT wait(?) AS answer', gtid) }),
    ask: () => Promise.resolve([{ answer: answers[Math.min(asked++, answers.length - 1)] ?? null }]),
    channels: () => Promise.resolve([channelFrom('b', { applierError, relayLogSpace: asked * bytesEachLook })]),
  };
  const clock = {
    now: () => time,
    sleep: () => {
      time += 1_000;
      return Promise.resolve();
    },
  };
  const settings = { applierStallSeconds: 5 };
  const signal = new AbortController().signal;
  const world = { clock, servers, settings, facts, signal, progress: () => undefined } as unknown as World;
  return { world, facts, asked: () => asked };
}

describe('a replica that levels by GTID', () => {
  it('is recovered when it has what the new source had', async () => {
    const { world, facts, asked } = scripted([-1, -1, 0]);
    await catchUpByGtid.perform(waiting, world);
    expect([asked(), facts.following.has(c)]).toEqual([3, true]);
  });

  it('may take as long as it wants for one large transaction that comes in', async () => {
    const { world, facts } = scripted([...Array.from({ length: 20 }, () => -1), 0], undefined, 1_000_000);
    await catchUpByGtid.perform(waiting, world);
    expect(facts.following.has(c)).toBe(true);
  });

  it.each([
    ['stands still', [-1], undefined, 'TARGET_NOT_REACHED'],
    ['is told nothing', [null], undefined, 'TARGET_NOT_REACHED'],
    ['breaks', [-1], { number: 1062, text: 'Duplicate entry' }, 'APPLIER_FAILED'],
  ] as const)('is not, when it %s', async (_what, answers, error, code) => {
    const { world, facts } = scripted(answers, error);
    await expect(catchUpByGtid.perform(waiting, world)).rejects.toMatchObject({ code });
    expect(facts.following.has(c)).toBe(false);
  });
});
