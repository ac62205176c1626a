import { describe, expect, it } from 'vitest';
import { noFacts } from '../../src/failover/hand.js';
import { heldByGone } from '../../src/failover/held-by-gone.js';
import type { Story } from '../../src/failover/outcome.js';
import { cluster, id } from '../support/picture.js';
import { at } from './build.js';

interface Case {
  readonly received: string;
  readonly target: string;
  readonly follows?: boolean;
  readonly isOpened?: boolean;
}

/** A failover from a to b, which has all up to the target; c had received that much when it was last seen. */
function said({ received, target, follows = false, isOpened = true }: Case): readonly string[] {
  const { picture } = cluster()
    .source('a')
    .replica('b')
    .replica('c', { channel: { received: at(received), executed: at('1:100') } })
    .dead('a')
    .build();
  const facts = noFacts();
  if (isOpened) facts.opened = { server: id('b'), at: at('1:4'), gtid: '', wall: 0 };
  facts.executed.set(id('b'), at(target));
  if (follows) facts.following.add(id('c'));
  const members = ['b', 'c'].map((name) => ({ server: id(name), channel: '' }));
  return heldByGone({ before: picture, members, source: id('a'), facts } as unknown as Story);
}

describe('what a replica had that is gone', () => {
  it('is told as lost, from where to where', () => {
    const [text, ...rest] = said({ received: '1:900', target: '1:500' });
    expect(rest).toEqual([]);
    expect(text).toContain('c:3306 had received the binary log of a:3306 up to bin.000001:900');
    expect(text).toContain('b:3306 has it up to bin.000001:500');
  });

  it.each<[string, Case]>([
    ['that had no more than the new source', { received: '1:500', target: '1:500' }],
    ['that follows the new source', { received: '1:900', target: '1:500', follows: true }],
    ['where nobody was promoted', { received: '1:900', target: '1:500', isOpened: false }],
  ])('is nothing of one %s', (_what, one) => {
    expect(said(one)).toEqual([]);
  });
});
