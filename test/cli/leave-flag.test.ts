import { describe, expect, it } from 'vitest';
import { leaveFlag } from '../../src/cli/leave-flag.js';
import { noFacts } from '../../src/failover/hand.js';
import { outcomeOf } from '../../src/failover/outcome.js';
import { Fault } from '../../src/model/fault.js';
import type { RunOutcome } from '../../src/model/outcome.js';
import { at, storyOf } from '../failover/build.js';
import { clusterSettings, id, serverSettings } from '../support/picture.js';

async function marksOf(outcome: Pick<RunOutcome, 'exit' | 'untouched'>): Promise<readonly string[]> {
  const marks: string[] = [];
  const note = (what: string) => (flag: string) => Promise.resolve(void marks.push(`${what} ${flag}`));
  await leaveFlag(outcome, { setFlag: note('set'), clearFlag: note('clear') });
  return marks;
}

describe('the marks of a failover', () => {
  it.each<[Pick<RunOutcome, 'exit' | 'untouched'>, readonly string[]]>([
    [{ exit: 0 }, ['clear error', 'set complete']],
    [{ exit: 10 }, ['clear error', 'set complete']],
    [{ exit: 1 }, ['clear complete', 'set error']],
    [{ exit: 1, untouched: true }, []],
  ])('%j: %j', async (outcome, marks) => {
    expect(await marksOf(outcome)).toEqual(marks);
  });

  it('are none where a lock was held before anything was begun', async () => {
    const settings = clusterSettings([serverSettings('a'), serverSettings('b')]);
    const story = { ...storyOf({ settings, source: id('a'), facts: noFacts() }), untouched: true };
    const refusal = new Fault('LOCK_HELD', { server: id('b'), lock: 'x' });
    expect(await marksOf(outcomeOf({ ...story, refusal }, 0))).toEqual([]);
    expect(await marksOf(outcomeOf({ ...story, refusal, untouched: false }, 0))).toEqual([
      'clear complete',
      'set error',
    ]);
    const opened = { server: id('b'), at: at('1:4'), gtid: '', wall: 0 };
    const done = outcomeOf({ ...story, facts: { ...noFacts(), opened }, untouched: false }, 0);
    expect(await marksOf(done)).toEqual(['clear error', 'set complete']);
  });
});
