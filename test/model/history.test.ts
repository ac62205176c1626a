import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareHistories,
  formatHistory,
  type History,
  isEmptyHistory,
  joinHistories,
  lackingIn,
  parseHistory,
} from '../../src/model/history.js';

const uuid = ['3e11fa47-71ca-11e1-9e33-c80aa9429562', '11111111-2222-3333-4444-555555555555'] as const;

function history(family: History['family'], text: string): History {
  const found = parseHistory(family, text);
  if (found === undefined) throw new Error(`not a history: ${text}`);
  return found;
}

/** Any history of either family, with few numbers so that they meet. */
const mysql = fc
  .array(fc.tuple(fc.constantFrom(...uuid), fc.integer({ min: 1, max: 6 })), { maxLength: 8 })
  .map((parts) => history('mysql', parts.map(([track, number]) => `${track}:${String(number)}`).join(',')));
const mariadb = fc.dictionary(fc.constantFrom('0', '1', '2'), fc.integer({ min: 1, max: 6 })).map((parts) =>
  history(
    'mariadb',
    Object.entries(parts)
      .map(([domain, n]) => `${domain}-1-${String(n)}`)
      .join(','),
  ),
);

describe('histories', () => {
  it.each([
    ['mysql', mysql],
    ['mariadb', mariadb],
  ] as const)('of %s: order, join and difference agree', (_, any) => {
    fc.assert(
      fc.property(any, any, (a, b) => {
        const order = compareHistories(a, b);
        const opposite = { equal: 'equal', before: 'after', after: 'before', apart: 'apart' } as const;
        expect(compareHistories(b, a)).toBe(order === undefined ? undefined : opposite[order]);
        expect(isEmptyHistory(lackingIn(a, b))).toBe(order === 'equal' || order === 'after');
        const both = joinHistories(a, b);
        for (const one of [a, b]) expect(['equal', 'after']).toContain(compareHistories(both, one));
        expect(formatHistory(joinHistories(a, lackingIn(a, b)))).toBe(formatHistory(both));
      }),
    );
  });

  it('of two families have no order', () => {
    expect(compareHistories(history('mysql', ''), history('mariadb', ''))).toBeUndefined();
  });

  it('are apart where one number of a domain came from two servers', () => {
    expect(compareHistories(history('mariadb', '0-1-7'), history('mariadb', '0-2-7'))).toBe('apart');
  });

  it.each([
    ['mysql', '0-1-1'],
    ['mariadb', `${uuid[0]}:1-5`],
  ] as const)('are not read from the other family’s words (%s)', (family, text) => {
    expect(parseHistory(family, text)).toBeUndefined();
  });
});
