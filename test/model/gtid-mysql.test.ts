import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containsGtid,
  containsGtidSet,
  countGtids,
  formatGtidSet,
  type GtidSet,
  gtidSetOf,
  isEmptyGtidSet,
  parseGtidSet,
  subtractGtidSets,
  unionGtidSets,
} from '../../src/model/gtid-mysql.js';

const a = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const b = '11111111-2222-3333-4444-555555555555';

function parsed(text: string): GtidSet {
  const set = parseGtidSet(text);
  if (set === undefined) throw new Error(`not a set: ${text}`);
  return set;
}

const tracks = [a, `${a}:blue`, b];
/** The naive model: one string per transaction. */
const members = fc.uniqueArray(fc.tuple(fc.constantFrom(...tracks), fc.integer({ min: 1, max: 25 })), {
  selector: ([track, number]) => `${track}:${String(number)}`,
});
type Members = readonly (readonly [string, number])[];

const setOf = (list: Members): GtidSet =>
  gtidSetOf(list.map(([track, n]) => [track, [{ first: BigInt(n), last: BigInt(n) }]] as const));
const namesOf = (list: Members): Set<string> => new Set(list.map(([track, n]) => `${track}:${String(n)}`));

function expandedNames(set: GtidSet): Set<string> {
  const names = new Set<string>();
  for (const [track, intervals] of set.tracks) {
    for (const { first, last } of intervals) for (let n = first; n <= last; n++) names.add(`${track}:${String(n)}`);
  }
  return names;
}

describe('GTID sets of MySQL', () => {
  it.each([
    ['', ''],
    [`${a}:1`, `${a}:1`],
    [`${a.toUpperCase()}:1-3:5,\n${b}:7`, `${b}:7,${a}:1-3:5`],
    [`${a}:1-3:4:2-6`, `${a}:1-6`],
    [`${a}:1:tag:2-4:3-9`, `${a}:1,${a}:tag:2-9`],
    [`${a.replaceAll('-', '')}:9223372036854775807`, `${a}:9223372036854775807`],
    [`,${a}:1,,${a}:2,`, `${a}:1-2`],
  ])('reads %j as %j', (text, normal) => {
    expect(formatGtidSet(parsed(text))).toBe(normal);
  });

  it.each([
    'nonsense',
    a,
    `${a}:`,
    `${a}:0`,
    `${a}:5-4`,
    `${a}:9223372036854775808`,
    `${a}:tag`,
    `${a}:1-`,
    `${a}:-1`,
    '0-1-5',
  ])('does not take %j for a set', (text) => {
    expect(parseGtidSet(text)).toBeUndefined();
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(members, (list) => {
        expect(expandedNames(parsed(formatGtidSet(setOf(list))))).toEqual(namesOf(list));
      }),
    );
  });

  it('agrees with sets of names', () => {
    fc.assert(
      fc.property(members, members, (left, right) => {
        const [x, y] = [setOf(left), setOf(right)];
        const [xs, ys] = [namesOf(left), namesOf(right)];
        expect(expandedNames(unionGtidSets(x, y))).toEqual(new Set([...xs, ...ys]));
        const rest = [...xs].filter((name) => !ys.has(name));
        expect(expandedNames(subtractGtidSets(x, y))).toEqual(new Set(rest));
        expect(containsGtidSet(y, x)).toBe(rest.length === 0);
        expect(isEmptyGtidSet(x)).toBe(xs.size === 0);
        expect(countGtids(x)).toBe(BigInt(xs.size));
        for (const [track, n] of left) {
          expect(containsGtid(y, { track, number: BigInt(n) })).toBe(ys.has(`${track}:${String(n)}`));
        }
      }),
    );
  });

  it('keeps intervals sorted, apart and joined where they touch', () => {
    fc.assert(
      fc.property(members, members, (left, right) => {
        for (const intervals of unionGtidSets(setOf(left), setOf(right)).tracks.values()) {
          for (const [index, { first, last }] of intervals.entries()) {
            expect(last >= first).toBe(true);
            const before = intervals[index - 1];
            if (before !== undefined) expect(first > before.last + 1n).toBe(true);
          }
        }
      }),
    );
  });

  // Each pair of intervals looked at would be billions: it would not end within the time of a test.
  it('are told apart with tens of thousands of intervals', () => {
    const spaced = (first: bigint): readonly { first: bigint; last: bigint }[] =>
      Array.from({ length: 50_000 }, (_, n) => ({ first: BigInt(n) * 4n + first, last: BigInt(n) * 4n + 2n }));
    const [pairs, seconds] = [gtidSetOf([[a, spaced(1n)]]), gtidSetOf([[a, spaced(2n)]])];
    const rest = subtractGtidSets(pairs, seconds);
    expect(countGtids(rest)).toBe(50_000n);
    expect(containsGtidSet(pairs, seconds)).toBe(true);
    const held = Array.from({ length: 200_000 }, (_, n) => containsGtid(pairs, { track: a, number: BigInt(n) + 1n }));
    expect(held.filter(Boolean)).toHaveLength(100_000);
  });
});
