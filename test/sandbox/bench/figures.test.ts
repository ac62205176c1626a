import { describe, expect, it } from 'vitest';
import { benchmarkPage, type Result } from '../../../src/sandbox/bench/page.js';
import { figuresOf, isMissed, median, type Part } from '../../../src/sandbox/bench/part.js';
import { writeBlock } from '../../../src/sandbox/bench/switch.js';
import type { WriterLine } from '../../../src/sandbox/writer-log.js';

function part(name: string): Part {
  const run = (): Promise<{ outage: number }> => Promise.resolve({ outage: 1 });
  const figures = { outage: { name: 'outage', unit: 's', digits: 1, atMost: 1 } };
  return { name, title: `Title of ${name}`, method: 'So.', runs: 3, figures, run };
}

function result(name: string, values: readonly number[]): Result {
  const one = part(name);
  const figures = figuresOf(
    one,
    values.map((outage) => ({ outage })),
  );
  return { part: one, figures, server: 'MariaDB', at: new Date(0), load: 0 };
}

describe('figures', () => {
  it('take the middle value, or the mean of the two middle ones', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 7])).toBe(6);
    expect(median([])).toBeNaN();
  });

  it('miss a target by their median, and never meet one without a value', () => {
    const [met, missed, none] = [[1, 9, 1], [1, 2, 2], []].map((values) => result('x', values).figures[0]);
    expect([met, missed, none].map((figure) => figure !== undefined && isMissed(figure))).toEqual([false, true, true]);
  });

  it('may be promised from below', () => {
    const shape = { name: 'ratio', unit: '', digits: 2, atLeast: 0.9 };
    expect([[0.91], [0.89], []].map((values) => isMissed({ ...shape, values }))).toEqual([false, true, true]);
  });
});

describe('the page', () => {
  it('names a lower limit as such', () => {
    const one: Part = { ...part('a'), figures: { rate: { name: 'rate', unit: 'MB/s', digits: 0, atLeast: 200 } } };
    const figures = figuresOf(one, [{ rate: 150 }]);
    const page = benchmarkPage('', ['a'], [{ ...result('a', []), part: one, figures }]);
    expect(page).toContain('| rate | 150 MB/s | 150 MB/s | 150 MB/s | 1 | >= 200 MB/s (missed) |');
  });

  it('replaces the parts that were measured and keeps the others, in order', () => {
    const first = benchmarkPage('', ['a', 'b'], [result('b', [0.5])]);
    const second = benchmarkPage(first, ['a', 'b'], [result('a', [2])]);
    const third = benchmarkPage(second, ['a', 'b'], [result('b', [0.7])]);
    expect(third.indexOf('Title of a')).toBeLessThan(third.indexOf('Title of b'));
    expect(third).toContain('| outage | 2.0 s | 2.0 s | 2.0 s | 1 | <= 1 s (missed) |');
    expect(third).toContain('| outage | 0.7 s |');
    expect(third).not.toContain('| outage | 0.5 s |');
    expect(benchmarkPage(third, ['a', 'b'], [])).toBe(third);
  });
});

describe('the write block', () => {
  const line = (e: 'try' | 'ack' | 'refused', ms: number, n: number, s: number): WriterLine => ({
    e,
    t: String(ms * 1_000_000),
    w: 0,
    n,
    s,
  });

  it('begins with the first write that did not succeed, when it was tried, and ends with the first on the new source', () => {
    const lines = [
      line('try', 1, 1, 1),
      line('ack', 2, 1, 1),
      line('try', 5, 2, 1),
      line('refused', 15, 2, 1),
      line('try', 16, 2, 2),
      line('refused', 17, 2, 2),
      line('try', 30, 2, 2),
      line('ack', 33, 2, 2),
      line('ack', 40, 3, 2),
    ];
    expect(writeBlock(lines)).toBe(28);
  });

  it('is not made up where nothing was refused', () => {
    expect(() => writeBlock([line('try', 1, 1, 1), line('ack', 2, 1, 1)])).toThrow('no write was ever refused');
  });
});
