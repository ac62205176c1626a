import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Refusal } from '../../../src/binlog/source/refusal.js';
import { SlavePosFilter } from '../../../src/binlog/source/slave-pos-filter.js';
import { parseMariadbPosition } from '../../../src/model/gtid-mariadb.js';
import { commit, gtidList, makeEvent, mariadbGtid, rowEvent } from './made-log.js';

const at = { file: 'bin.000001', position: 400 };

type Group = readonly [domain: number, sequence: bigint];

/** Which of the groups (all written by server 1) a replica at this position gets; the refusal's text otherwise. */
function served(
  position: string,
  groups: readonly Group[],
  list?: readonly (readonly [number, number, bigint])[],
): unknown {
  const filter = new SlavePosFilter(parseMariadbPosition(position) ?? new Map(), 'crc32');
  const sends = ([type, body]: readonly [number, Buffer]): boolean =>
    filter.sends(type, makeEvent(type, body, 400, 'crc32'), at);
  try {
    if (list !== undefined) expect(sends(gtidList(...list))).toBe(true);
    const sent = groups.filter(([domain, sequence]) => {
      const begins = sends(mariadbGtid(sequence, domain));
      expect(sends(rowEvent(10))).toBe(begins);
      expect(sends([161, Buffer.alloc(10)])).toBe(true);
      expect(sends(commit)).toBe(begins);
      return begins;
    });
    filter.finish();
    return sent.map(([domain, sequence]) => `${String(domain)}:${String(sequence)}`).join(' ');
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

const run = (domain: number, from: number, to: number): Group[] =>
  Array.from({ length: to - from + 1 }, (_, i) => [domain, BigInt(from + i)] as const);

describe('a MariaDB replica by GTID position', () => {
  it.each([
    ['0-1-12', run(0, 11, 14), '0:13 0:14'],
    ['0-1-10', run(0, 11, 13), '0:11 0:12 0:13'],
    ['0-1-14', run(0, 11, 14), ''],
    ['', run(0, 1, 2), '0:1 0:2'],
    ['0-2-10', run(0, 11, 12), '0:11 0:12'],
    ['0-1-12,1-1-5', [...run(0, 11, 13), ...run(1, 6, 7)], '0:13 1:6 1:7'],
    ['0-1-12,9-1-5', run(0, 11, 13), '0:13'],
    ['0-1-10', [], ''],
  ] as const)('at %s gets what comes behind it', (position, groups, sent) => {
    expect(served(position, groups)).toBe(sent);
  });

  it('finds its GTID where numbers are out of order', () => {
    const groups = [...run(0, 11, 12), ...run(0, 9, 10), ...run(0, 20, 21)];
    expect(served('0-1-12', groups)).toBe('0:9 0:10 0:20 0:21');
  });

  it.each([
    ['a hole before the held bytes', '0-1-8', run(0, 11, 14), '0-1-8: the rescued bytes go on at 0-1-11'],
    ['another server wrote that number', '0-2-12', run(0, 11, 14), '0-2-12: the rescued bytes go on at 0-1-13'],
    ['a replica that is ahead', '0-1-20', run(0, 11, 14), '0-1-20: the replica is ahead'],
    ['a domain it does not know, in the middle', '0-1-12', [...run(0, 11, 12), ...run(1, 5, 6)], 'none of domain 1'],
    ['no position at all, in the middle', '', run(0, 11, 14), 'none of domain 0'],
  ])('is refused: %s', (_, position, groups, text) => {
    expect(served(position, groups)).toContain(text);
  });

  it('trusts the list at the head of a file over numbers', () => {
    expect(served('0-1-8', run(0, 11, 12), [[0, 1, 8n]])).toBe('0:11 0:12');
    expect(served('0-1-10', run(0, 11, 12), [[0, 2, 10n]])).toContain('0-1-10: the rescued bytes go on at 0-1-11');
    expect(
      served('0-1-8', run(0, 11, 12), [
        [0, 2, 3n],
        [0, 1, 8n],
      ]),
    ).toBe('0:11 0:12');
    expect(served('', run(0, 11, 12), [])).toBe('0:11 0:12');
    expect(served('0-1-7', [], [[0, 1, 9n]])).toContain('0-1-7: the replica is ahead');
    // Another server's smaller number may come behind greater ones; it never does here.
    expect(served('0-3-5', run(0, 11, 12), [[0, 1, 10n]])).toContain('0-3-5: the replica is ahead');
  });

  it('is refused when the held bytes begin inside a transaction', () => {
    const filter = new SlavePosFilter(new Map(), 'crc32');
    const event = makeEvent(...rowEvent(10), 400, 'crc32');
    expect(() => filter.sends(30, event, at)).toThrow(/begin inside a transaction at bin.000001:400/);
  });

  it('gets each transaction once, whatever the domains and wherever it stopped in each', () => {
    const domain = fc.record({ first: fc.integer({ min: 1, max: 50 }), count: fc.integer({ min: 1, max: 12 }) });
    fc.assert(
      fc.property(fc.array(domain, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat()), (domains, stream) => {
        const next = (below: number): number => (stream.next().value as number) % below;
        const left = domains.map(({ first, count }, id) => run(id, first, first + count - 1));
        const wanted = domains.map(({ first, count }) => first - 1 + next(count + 1));
        const groups: Group[] = [];
        while (left.some((list) => list.length > 0)) {
          const group = left[next(left.length)]?.shift();
          if (group !== undefined) groups.push(group);
        }
        const position = wanted.flatMap((sequence, id) =>
          sequence === 0 ? [] : [`${String(id)}-1-${String(sequence)}`],
        );
        const expected = groups.filter(([id, sequence]) => sequence > BigInt(wanted[id] ?? 0));
        expect(served(position.join(','), groups)).toBe(
          expected.map(([id, sequence]) => `${String(id)}:${String(sequence)}`).join(' '),
        );
      }),
    );
  });
});
