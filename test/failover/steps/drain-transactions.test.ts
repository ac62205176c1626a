import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import type { Step } from '../../../src/failover/plan.js';
import { step } from '../../../src/failover/plan.js';
import { drainTransactions } from '../../../src/failover/steps/drain-transactions.js';
import { Fault } from '../../../src/model/fault.js';
import type { OpenTransaction } from '../../../src/model/picture.js';
import { serverId } from '../../../src/model/settings.js';
import { statement } from '../../../src/model/statement.js';

const a = serverId('a', 3306);
const drain = step({ do: 'drain-transactions' }, { phase: 'drain', server: a, onFailure: 'abort' }) as Extract<
  Step,
  { do: 'drain-transactions' }
>;

function open(connectionId: number, seconds: number, id = String(connectionId)): OpenTransaction {
  return { connectionId, id, user: 'app', seconds, statement: '' };
}

interface Script {
  /** What each look sees; the last one is seen for ever. */
  readonly looks: readonly (readonly OpenTransaction[])[];
  readonly endTransactions?: boolean;
  readonly gone?: readonly number[];
}

/** Time passes only in sleeps: one second each. */
function scripted({ looks, endTransactions = false, gone = [] }: Script): {
  world: World;
  killed: number[];
  looked: () => number;
} {
  const killed: number[] = [];
  let [time, seen] = [0, 0];
  const servers = {
    openTransactions: () => {
      const now = looks[Math.min(seen, looks.length - 1)] ?? [];
      seen += 1;
      return Promise.resolve(now.filter(({ connectionId }) => !killed.includes(connectionId)));
    },
    dialect: () => ({ endConnection: (id: number) => [statement('KILL CONNECTION ?', id)] }),
    run: (_: unknown, [item]: readonly ReturnType<typeof statement>[]) => {
      const id = Number(item?.values[0]);
      if (gone.includes(id)) {
        return Promise.reject(
          new Fault('SQL_FAILED', { server: a, errno: 1094, statement: '', message: 'Unknown thread id' }),
        );
      }
      killed.push(id);
      return Promise.resolve();
    },
  };
  const clock = {
    now: () => time,
    wall: () => 0,
    sleep: () => {
      time += 1_000;
      return Promise.resolve();
    },
  };
  const partial = {
    clock,
    servers,
    settings: { switchDrainSeconds: 3 },
    facts: { ...noFacts(), endTransactions },
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  return { world: partial as unknown as World, killed, looked: () => seen };
}

describe('draining', () => {
  it('goes on at once when nothing is open', async () => {
    const { world, looked } = scripted({ looks: [[]] });
    await drainTransactions.perform(drain, world);
    expect(looked()).toBe(1);
  });

  it('waits for what was open at the start, not for short ones that come and go', async () => {
    const { world, looked } = scripted({ looks: [[open(1, 0)], [open(1, 1), open(2, 0)], [open(3, 0)]] });
    await drainTransactions.perform(drain, world);
    expect(looked()).toBe(3);
  });

  it('takes the next transaction of a connection for another one', async () => {
    const { world } = scripted({ looks: [[open(1, 0, '100')], [open(1, 0, '101')]] });
    await expect(drainTransactions.perform(drain, world)).resolves.toBeUndefined();
  });

  it('waits as well for a long one that began meanwhile', async () => {
    const { world } = scripted({ looks: [[open(1, 5)], [open(1, 6), open(2, 3)], [open(2, 4)], [open(2, 5)]] });
    await expect(drainTransactions.perform(drain, world)).rejects.toMatchObject({
      code: 'TRANSACTIONS_OPEN',
      facts: { transactions: '2 (app, 5 s)' },
    });
  });

  it('refuses when the time is over, and ends nothing', async () => {
    const { world, killed } = scripted({ looks: [[open(1, 5)]] });
    await expect(drainTransactions.perform(drain, world)).rejects.toMatchObject({ code: 'TRANSACTIONS_OPEN' });
    expect(killed).toEqual([]);
  });

  it('ends by its id what is left where the operator said so, and lists it', async () => {
    const { world, killed } = scripted({ looks: [[open(1, 5), open(2, 5)]], endTransactions: true });
    await drainTransactions.perform(drain, world);
    expect(killed).toEqual([1, 2]);
    expect(world.facts.ended.map(({ connectionId }) => connectionId)).toEqual([1, 2]);
  });

  it('does not list one that ended by itself in that moment', async () => {
    const looks = [[open(1, 5)], [open(1, 5)], [open(1, 5)], [open(1, 5)], []];
    const { world } = scripted({ looks, endTransactions: true, gone: [1] });
    await drainTransactions.perform(drain, world);
    expect(world.facts.ended).toEqual([]);
  });

  it('refuses when an ended one does not go away', async () => {
    const { world } = scripted({ looks: [[open(1, 5)]], endTransactions: true, gone: [1] });
    await expect(drainTransactions.perform(drain, world)).rejects.toMatchObject({ code: 'TRANSACTIONS_OPEN' });
  });
});
