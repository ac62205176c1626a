import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { type Step, step } from '../../../src/failover/plan.js';
import { comeNear } from '../../../src/failover/steps/come-near.js';
import { chooseDialect } from '../../../src/mysql/dialect/choose.js';
import { at, contender } from '../build.js';

const { server, ...rest } = contender('r');
const near = step(
  { do: 'come-near', channel: '', source: contender('a').server },
  { phase: 'drain', server, onFailure: 'abort' },
) as Extract<Step, { do: 'come-near' }>;

/** A replica whose status says so many milliseconds after the source's event that it was executed, every time. */
async function come(toldAfterMs: number, state: { parallelThreads: number; checkpointMs: number }): Promise<number> {
  let time = 0;
  const facts = noFacts();
  facts.former.set(server, { server, channel: rest.channel, state: { ...rest.state, ...state } });
  const servers = {
    dialect: () => chooseDialect({ vendor: 'mysql', text: '9.7.4', major: 9, minor: 7, patch: 4 }),
    binlogEnd: () => Promise.resolve({ at: at('1:900'), gtid: '' }),
    channels: () => Promise.resolve([rest.channel]),
    ask: () => {
      time += toldAfterMs;
      if (time > 60_000) throw new Error('it waits for ever');
      return Promise.resolve([{ answer: 0 }]);
    },
  };
  const clock = { now: () => time };
  const settings = { switchDrainSeconds: 0 };
  await comeNear.perform(near, { servers, clock, settings, facts } as unknown as World);
  return time;
}

describe('coming near', () => {
  it('is being told of an event soon after the source wrote it', async () => {
    await expect(come(200, { parallelThreads: 0, checkpointMs: 300 })).resolves.toBe(200);
  });

  it('allows for what parallel appliers tell at checkpoints only', async () => {
    await expect(come(300, { parallelThreads: 4, checkpointMs: 300 })).resolves.toBe(300);
  });

  it('comes to its end with a replica that always stays a little behind', async () => {
    await expect(come(400, { parallelThreads: 0, checkpointMs: 300 })).resolves.toBe(10_000);
    await expect(come(1_200, { parallelThreads: 4, checkpointMs: 300 })).resolves.toBe(10_800);
  });

  it('refuses one that stays further behind', async () => {
    const farBehind = { code: 'CANDIDATE_FAR_BEHIND' };
    await expect(come(1_100, { parallelThreads: 0, checkpointMs: 300 })).rejects.toMatchObject(farBehind);
    await expect(come(1_400, { parallelThreads: 4, checkpointMs: 300 })).rejects.toMatchObject(farBehind);
  });

  it('is waited for by GTIDs where a replica knows no coordinates', async () => {
    const asked: string[] = [];
    const facts = noFacts();
    facts.former.set(server, { server, channel: rest.channel, state: rest.state });
    facts.heldGtids.set(server, '');
    const servers = {
      dialect: () => chooseDialect({ vendor: 'mysql', text: '9.7.4', major: 9, minor: 7, patch: 4 }),
      binlogEnd: () => Promise.resolve({ at: at('1:900'), gtid: 'uuid:1-3' }),
      ask: (_: unknown, { text }: { text: string }) => {
        asked.push(text);
        return Promise.resolve([{ answer: asked.length === 1 ? 1 : 0 }]);
      },
    };
    const clock = { now: () => 0 };
    await comeNear.perform(near, { servers, clock, settings: { switchDrainSeconds: 0 }, facts } as unknown as World);
    expect(asked).toEqual(Array(2).fill('SELECT WAIT_FOR_EXECUTED_GTID_SET(?, ?) AS answer'));
  });
});
