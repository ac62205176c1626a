import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beforeDeadline, remaining } from '../../src/mysql/before-deadline.js';

const late = (): Error => new Error('late');
const never = new Promise<never>(() => undefined);

describe('beforeDeadline', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('hands the outcome on and leaves no timer behind', async () => {
    await expect(beforeDeadline(Promise.resolve(7), { deadlineMs: 1000 }, late)).resolves.toBe(7);
    await expect(beforeDeadline(Promise.reject(new Error('no')), { deadlineMs: 1000 }, late)).rejects.toThrow('no');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('gives up at the deadline, not before', async () => {
    const outcome = beforeDeadline(never, { deadlineMs: 1000 }, late);
    const settled = vi.fn();
    outcome.catch(settled);
    await vi.advanceTimersByTimeAsync(999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(2);
    await expect(outcome).rejects.toThrow('late');
  });

  it('ends with the reason of its signal, aborted before or meanwhile', async () => {
    const stop = new AbortController();
    const outcome = beforeDeadline(never, { deadlineMs: 1000, signal: stop.signal }, late);
    stop.abort(new Error('stopped by hand'));
    await expect(outcome).rejects.toThrow('stopped by hand');
    await expect(beforeDeadline(never, { deadlineMs: 1000, signal: stop.signal }, late)).rejects.toThrow('by hand');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('remaining', () => {
  it('is never nothing', () => {
    vi.useFakeTimers({ now: 0, toFake: ['performance'] });
    const since = performance.now();
    vi.advanceTimersByTime(4000);
    expect(remaining(10_000, since)).toBe(6000);
    expect(remaining(10, since)).toBe(1);
    vi.useRealTimers();
  });
});
