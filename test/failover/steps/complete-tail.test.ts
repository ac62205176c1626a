import { describe, expect, it } from 'vitest';
import { noFacts, type World } from '../../../src/failover/hand.js';
import { step } from '../../../src/failover/plan.js';
import { completeTail, saveTail } from '../../../src/failover/steps/save-tail.js';
import type { FetchedRange } from '../../../src/ports/recovery.js';
import { id, clusterSettings } from '../../support/picture.js';
import { at } from '../build.js';

/** The fetch has ended there; b, the newest, has applied up to the second place, as far as anybody has waited for it. */
async function completed(
  end: string,
  applied: string | undefined,
  covers?: string,
  earlier?: string,
): Promise<World['facts']> {
  const range = { host: id('a'), from: at('1:4'), to: at(end), bytes: 0, transactions: 0, gtids: '', files: [] };
  const facts = noFacts();
  facts.newest = id('b');
  facts.chosen = id('c');
  if (applied !== undefined) facts.executed.set(id('b'), at(applied));
  facts.tail = Promise.resolve([range as FetchedRange]);
  if (earlier !== undefined) facts.saved.push({ from: id('a'), kind: 'tail', range: { ...range, to: at(earlier) } });
  const world = { facts, settings: clusterSettings([]), progress: () => undefined } as unknown as World;
  const action = { do: 'complete-tail', ...(covers === undefined ? {} : { covers: at(covers) }) } as const;
  const completing = step(action, { phase: 'save-binlog', server: id('a'), onFailure: 'replan' });
  await completeTail.perform(completing as never, world);
  return facts;
}

describe('the end of the saved log', () => {
  it.each([
    ['what was fetched', '1:900', '1:500', undefined],
    ['the same while the newest replica still applies', '1:900', undefined, '1:900'],
  ])('is %s', async (_what, end, applied, covers) => {
    expect((await completed(end, applied, covers)).target).toEqual(at(end));
  });

  it('is where the fetch for an earlier candidate came to, if that came further', async () => {
    const { target, servedTo } = await completed('1:900', undefined, undefined, '1:950');
    expect([target, servedTo]).toEqual([at('1:950'), at('1:950')]);
  });

  it.each([
    ['has applied', '1:900', undefined],
    ['has received, though it has not applied it yet', undefined, '1:900'],
  ])('is refused where it comes before what the newest replica %s', async (_what, applied, covers) => {
    await expect(completed('1:500', applied, covers)).rejects.toMatchObject({
      code: 'TAIL_ENDS_EARLY',
      facts: { end: 'bin.000001:500', at: 'bin.000001:900' },
    });
  });
});

describe('a second candidate, when nobody can be asked for the log any more', () => {
  /** For an earlier one it was fetched from 1:500 to 1:900. */
  async function levelled(own: string): Promise<World['facts']> {
    const facts = noFacts();
    const range = { from: at('1:500'), to: at('1:900'), bytes: 400, transactions: 1, gtids: '', files: [] };
    facts.saved.push({ from: id('a'), kind: 'tail', range });
    facts.chosen = id('c');
    facts.executed.set(id('c'), at(own));
    const recovery = { saveTail: () => Promise.reject(new Error('no route to host')), onProgress: () => undefined };
    const signal = new AbortController().signal;
    const settings = clusterSettings([]);
    const world = { facts, settings, recovery, signal, progress: () => undefined } as unknown as World;
    const details = { phase: 'save-binlog', server: id('a'), onFailure: 'replan' } as const;
    await saveTail.perform(step({ do: 'save-tail', logs: [] }, details) as never, world);
    await completeTail.perform(step({ do: 'complete-tail' }, details) as never, world);
    return facts;
  }

  it('is brought to where that was fetched to', async () => {
    expect((await levelled('1:600')).target).toEqual(at('1:900'));
  });

  it('is given up where it needs what lies before that', async () => {
    await expect(levelled('1:400')).rejects.toThrow('no route to host');
  });
});
