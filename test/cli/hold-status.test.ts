import { describe, expect, it } from 'vitest';
import { type Holding, shownWhile } from '../../src/cli/hold-status.js';

function scripted(): { holding: Holding; done: string[] } {
  const done: string[] = [];
  const holding = {
    workdir: { status: (code: number, host = '-') => Promise.resolve(done.push(`status ${String(code)} ${host}`)) },
    clock: { sleep: (ms: number) => Promise.resolve(done.push(`sleep ${String(ms)}`)) },
    say: () => undefined,
  } as unknown as Holding;
  return { holding, done };
}

const quiet = new AbortController().signal;
const failure = { code: 51, ms: 3_000, sourceHost: 'db1' } as const;
const held = ['status 51 db1', 'sleep 3000'];

describe('what did not end well', () => {
  it.each([
    [0, []],
    [10, held],
    [1, held],
  ])('is shown for a while: exit %i', async (exit, expected) => {
    const { holding, done } = scripted();
    expect(await shownWhile(failure, holding, quiet, () => Promise.resolve({ exit }))).toEqual({
      exit,
    });
    expect(done).toEqual(expected);
  });

  it('is shown before its error goes on', async () => {
    const { holding, done } = scripted();
    const work = (): Promise<never> => Promise.reject(new Error('broken'));
    await expect(shownWhile(failure, holding, quiet, work)).rejects.toThrow('broken');
    expect(done).toEqual(held);
  });

  it('is not shown where nobody asked for it, nor after a signal', async () => {
    const { holding, done } = scripted();
    await shownWhile({ code: 31, ms: 0 }, holding, quiet, () => Promise.resolve({ exit: 1 }));
    await shownWhile({ code: 31, ms: 9 }, holding, AbortSignal.abort(), () => Promise.resolve({ exit: 1 }));
    expect(done).toEqual([]);
  });
});
