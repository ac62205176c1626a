import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestWord } from '../../src/config/nearest.js';

describe('the nearest known word', () => {
  it.each([
    ['pasword', 'password'],
    ['PORT', 'port'],
    ['candidate-master', 'candidate_master'],
    ['master_failover_script', 'master_ip_failover_script'],
    ['gibberish', undefined],
  ])('for %s is %s', (written, wanted) => {
    expect(nearestWord(written, ['port', 'password', 'candidate_master', 'master_ip_failover_script'])).toBe(wanted);
  });

  it('measures a distance: symmetric, zero only for the same, never more than the longer word', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const steps = editDistance(a, b);
        expect(steps).toBe(editDistance(b, a));
        expect(steps === 0).toBe(a === b);
        expect(steps).toBeLessThanOrEqual(Math.max(a.length, b.length));
      }),
    );
  });
});
