import { afterEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/cli/clock.js';

afterEach(() => {
  vi.useRealTimers();
});

describe('a long sleep', () => {
  it.each([2 ** 31 - 1, 2 ** 31 + 1000, 2 * (2 ** 31 - 1)])('of %i ms is not over before', async (ms) => {
    vi.useFakeTimers();
    let isOver = false;
    const sleeping = systemClock.sleep(ms).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(ms - 1);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
  });

  it('ends with its signal at any time', async () => {
    vi.useFakeTimers();
    const ending = new AbortController();
    const sleeping = systemClock.sleep(2 ** 31 + 1000, ending.signal).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(2 ** 31 + 500);
    ending.abort(new Error('enough'));
    expect(await sleeping).toEqual(new Error('enough'));
  });
});
