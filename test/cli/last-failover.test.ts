import { describe, expect, it } from 'vitest';
import { type LastFailoverRule, mindLastFailover, refusalBy } from '../../src/cli/last-failover.js';
import type { Workdir } from '../../src/ports/workdir.js';

type Flag = 'complete' | 'error';
type Marks = Readonly<Partial<Record<Flag, number>>>;

/** A working directory in which the marks have these ages, in minutes. */
function marked(ages: Marks): { readonly workdir: Workdir; readonly left: () => readonly string[] } {
  const marks = new Map(Object.entries(ages));
  const workdir = {
    path: '/work',
    flagAge: (flag: Flag) => {
      const minutes = marks.get(flag);
      return Promise.resolve(minutes === undefined ? undefined : minutes * 60_000);
    },
    clearFlag: (flag: Flag) => {
      marks.delete(flag);
      return Promise.resolve();
    },
  };
  return { workdir: workdir as unknown as Workdir, left: () => [...marks.keys()] };
}

const rule: LastFailoverRule = { minutes: 480, ignore: false };

describe('the marks of the last failover', () => {
  it.each<[string, Marks, Partial<LastFailoverRule>, readonly string[]]>([
    ['there are none', {}, {}, []],
    ['the completed one is as old as asked for', { complete: 480 }, {}, []],
    ['the limit is shorter', { complete: 11 }, { minutes: 10 }, []],
    ['there is no limit', { complete: 0 }, { minutes: 0 }, []],
    ['it was recent and that is to be ignored', { complete: 1 }, { ignore: true }, []],
    ['it failed and that is to be ignored', { error: 1, complete: 1 }, { ignore: true }, []],
  ])('let one begin, and are gone, when %s', async (_what, ages, changes, kept) => {
    const { workdir, left } = marked(ages);
    await mindLastFailover(workdir, 'app', { ...rule, ...changes });
    expect(left()).toEqual(kept);
  });

  it.each<[string, Marks, string, readonly string[]]>([
    ['the last one was recent', { complete: 479 }, 'LAST_FAILOVER_TOO_RECENT', ['complete']],
    ['the last one failed, however long ago', { error: 100_000 }, 'LAST_FAILOVER_FAILED', ['error']],
    [
      'it failed, though an older one is long done',
      { error: 1, complete: 900 },
      'LAST_FAILOVER_FAILED',
      ['error', 'complete'],
    ],
  ])('refuse it, and stay, when %s', async (_what, ages, code, kept) => {
    const { workdir, left } = marked(ages);
    await expect(mindLastFailover(workdir, 'app', rule)).rejects.toMatchObject({ code });
    expect(left().toSorted()).toEqual(kept.toSorted());
  });

  it('are looked at beforehand, and stay', async () => {
    const { workdir, left } = marked({ complete: 12 });
    expect(await refusalBy(workdir, 'app', rule)).toMatchObject({ code: 'LAST_FAILOVER_TOO_RECENT' });
    expect(await refusalBy(workdir, 'app', { ...rule, ignore: true })).toBeUndefined();
    expect(await refusalBy(marked({ complete: 900 }).workdir, 'app', rule)).toBeUndefined();
    expect(left()).toEqual(['complete']);
  });

  it('name the file that an operator looks for', async () => {
    await expect(mindLastFailover(marked({ complete: 12.5 }).workdir, 'app', rule)).rejects.toMatchObject({
      facts: { file: '/work/app.failover.complete', minutes: 12, limit: 480 },
    });
  });
});
