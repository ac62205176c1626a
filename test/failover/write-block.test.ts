import { describe, expect, it } from 'vitest';
import { watchWriteBlock } from '../../src/failover/write-block.js';
import type { Clock } from '../../src/ports/clock.js';

/** A clock whose one sleep ends when the test says so, or with its signal. */
function handClock(): { clock: Clock; ring: () => void; asked: () => number | undefined } {
  let ring = (): void => undefined;
  let asked: number | undefined;
  const sleep: Clock['sleep'] = (ms, signal) =>
    new Promise((resolve, reject) => {
      asked = ms;
      ring = resolve;
      signal?.addEventListener('abort', () => reject(new Error('ended')), { once: true });
    });
  return { clock: { now: () => 0, wall: () => 0, sleep }, ring: () => ring(), asked: () => asked };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the time for which clients are kept from writing', () => {
  it('does not run before writes are stopped', () => {
    const { clock, asked } = handClock();
    watchWriteBlock(clock, 3_000);
    expect(asked()).toBeUndefined();
  });

  it('ends the switch when it is over', async () => {
    const { clock, ring, asked } = handClock();
    const block = watchWriteBlock(clock, 3_000);
    block.begin();
    expect(asked()).toBe(3_000);
    ring();
    await settled();
    expect(block.signal.reason).toMatchObject({ code: 'SWITCH_TOO_SLOW', facts: { seconds: 3 } });
  });

  it('ends nothing any more once the new source is level', async () => {
    const { clock, ring } = handClock();
    const block = watchWriteBlock(clock, 3_000);
    block.begin();
    block.end();
    ring();
    await settled();
    expect(block.signal.aborted).toBe(false);
  });
});
