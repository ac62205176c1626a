import { describe, expect, it } from 'vitest';
import { deadline } from '../../src/failover/deadline.js';

const raised = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

describe('deadline', () => {
  it('is raised when the time is over, and says what did not end', async () => {
    const { signal } = deadline(new AbortController().signal, 5, 'stop-receiver:b');
    expect(await raised(signal)).toMatchObject({ message: 'stop-receiver:b did not end within 0.005 s' });
  });

  it('follows its parent, also when that was raised before or the time does not count any more', async () => {
    const parent = new AbortController();
    const early = deadline(parent.signal, 60_000, 'a');
    early.met();
    const seen = raised(early.signal);
    parent.abort(new Error('Ctrl-C'));
    expect(await seen).toMatchObject({ message: 'Ctrl-C' });
    const late = deadline(parent.signal, Number.POSITIVE_INFINITY, 'b');
    expect(late.signal.reason).toMatchObject({ message: 'Ctrl-C' });
  });

  it('is not raised once it was met', async () => {
    const first = deadline(new AbortController().signal, 5, 'a');
    const second = deadline(new AbortController().signal, 10, 'b');
    first.met();
    await raised(second.signal);
    expect(first.signal.aborted).toBe(false);
  });
});
