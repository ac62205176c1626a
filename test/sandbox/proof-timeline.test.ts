import { describe, expect, it } from 'vitest';
import { longestGap, overlaps } from '../../src/sandbox/proof-timeline.js';
import type { Acknowledged } from '../../src/sandbox/writer-log.js';

/** `1@10 2@30`: server 1 acknowledged at 10 ms, server 2 at 30 ms. */
function acks(text: string): readonly Acknowledged[] {
  return text.split(' ').map((word, n) => {
    const [server, at] = word.split('@');
    return { server: Number(server), at: BigInt(Number(at)) * 1_000_000n, worker: 0, n };
  });
}

describe('longestGap', () => {
  it('is the longest time without an acknowledgement, with the servers around it', () => {
    expect(longestGap(acks('1@10 1@12 2@40 2@41'))).toMatchObject({ ms: 28, before: 1, after: 2 });
  });

  it('looks only at gaps that reach beyond the given time', () => {
    const early = acks('1@0 1@100 1@101 2@121 2@122');
    expect(longestGap(early)).toMatchObject({ ms: 100 });
    expect(longestGap(early, 102_000_000n)).toMatchObject({ ms: 20, before: 1, after: 2 });
  });

  it('does not exist when nothing was acknowledged afterwards', () => {
    expect(longestGap(acks('1@0 1@5'), 6_000_000n)).toBeUndefined();
    expect(longestGap([])).toBeUndefined();
  });
});

describe('overlaps', () => {
  it('has none when one server follows another', () => {
    expect(overlaps(acks('1@1 1@2 2@3 2@4 3@5'))).toEqual([]);
  });

  it('finds a server that goes on after another one has begun', () => {
    expect(overlaps(acks('1@1 2@3 1@5 1@6 2@7'))).toEqual([
      { first: 1, second: 2, ms: 3 },
      { first: 2, second: 1, ms: 2 },
    ]);
  });

  it('allows as many returns as were made on purpose', () => {
    expect(overlaps(acks('1@1 2@3 1@5'), 1)).toEqual([]);
    expect(overlaps(acks('1@1 2@3 1@5 2@6'), 1)).toHaveLength(1);
  });
});
