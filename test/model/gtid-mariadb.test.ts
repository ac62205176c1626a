import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aheadOf,
  comparePositions,
  containsPosition,
  formatMariadbPosition,
  furthestPosition,
  type MariadbPosition,
  mariadbPositionOf,
  parseMariadbGtids,
  parseMariadbPosition,
  positionHasGtid,
  startsBehind,
} from '../../src/model/gtid-mariadb.js';

function parsed(text: string): MariadbPosition {
  const position = parseMariadbPosition(text);
  if (position === undefined) throw new Error(`not a position: ${text}`);
  return position;
}

/** The naive model: per domain every sequence up to the position's. Servers are left out: all from one. */
const positions = fc
  .uniqueArray(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 6 })), { selector: ([d]) => d })
  .map((list) => list.map(([domain, n]) => ({ domain, server: 1, sequence: BigInt(n) })));
type List = readonly { domain: number; server: number; sequence: bigint }[];

function expanded(list: Iterable<{ domain: number; sequence: bigint }>): Set<string> {
  const names = new Set<string>();
  for (const { domain, sequence } of list) {
    for (let n = 1n; n <= sequence; n++) names.add(`${String(domain)}-${String(n)}`);
  }
  return names;
}

function order(left: List, right: List): string {
  const [xs, ys] = [expanded(left), expanded(right)];
  const less = [...xs].every((name) => ys.has(name));
  const more = [...ys].every((name) => xs.has(name));
  if (less && more) return 'equal';
  if (less) return 'before';
  return more ? 'after' : 'apart';
}

describe('GTID positions of MariaDB', () => {
  it.each([
    ['', ''],
    [' 0-1-5 , 3-2-18446744073709551615', '0-1-5,3-2-18446744073709551615'],
    ['7-1-1,0-4294967295-9', '0-4294967295-9,7-1-1'],
  ])('reads %j as %j', (text, normal) => {
    expect(formatMariadbPosition(parsed(text))).toBe(normal);
  });

  it.each(['0-1', '0-1-2-3', '4294967296-1-1', '0-1-18446744073709551616', 'a-b-c', '0-1-1,0-2-2'])(
    'does not take %j for a position',
    (text) => {
      expect(parseMariadbPosition(text)).toBeUndefined();
    },
  );

  it('takes the last of a domain from a binary log state', () => {
    const list = parseMariadbGtids('0-2-7,0-1-9,1-1-1');
    expect(formatMariadbPosition(mariadbPositionOf(list ?? []))).toBe('0-1-9,1-1-1');
  });

  it('agrees with sets of sequences', () => {
    fc.assert(
      fc.property(positions, positions, (left, right) => {
        const [x, y] = [mariadbPositionOf(left), mariadbPositionOf(right)];
        expect(comparePositions(x, y)).toBe(order(left, right));
        expect(containsPosition(x, y)).toBe(['equal', 'after'].includes(order(left, right)));
        expect(expanded(furthestPosition(x, y).values())).toEqual(new Set([...expanded(left), ...expanded(right)]));
        const reached = expanded(right);
        for (const gtid of left) {
          expect(positionHasGtid(y, gtid)).toBe(reached.has(`${String(gtid.domain)}-${String(gtid.sequence)}`));
        }
        expect([...aheadOf(x, y).keys()].toSorted()).toEqual(
          left
            .filter((gtid) => !positionHasGtid(y, gtid))
            .map(({ domain }) => domain)
            .toSorted(),
        );
      }),
    );
  });

  it('names a split history', () => {
    expect(comparePositions(parsed('0-1-5'), parsed('0-2-5'))).toBe('diverged');
    expect(comparePositions(parsed('0-1-5,1-1-1'), parsed('0-1-6'))).toBe('apart');
  });
});

describe('the place where a server goes on', () => {
  it.each([
    ['0-1-20', '0-1-20', true],
    ['0-1-19', '0-1-20', false],
    ['0-1-20', '0-1-20,0-2-15', false],
    ['0-1-21', '0-1-20,0-2-30', true],
    ['0-2-15', '0-1-20,0-2-15', true],
    ['0-3-4', '0-1-20', true],
    ['1-1-9', '0-1-20', false],
  ])('at %s behind the list %s is %s, whatever numbers other servers wrote', (position, list, expected) => {
    expect(startsBehind(parseMariadbPosition(position) ?? new Map(), parseMariadbGtids(list) ?? [])).toBe(expected);
  });
});
