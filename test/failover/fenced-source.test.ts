import { expect, it } from 'vitest';
import { FencedSource } from '../../src/failover/fenced-source.js';
import { HandClock } from '../binlog/source/hand-clock.js';

it('gives a fence back although holding it was broken off', async () => {
  const released: string[] = [];
  const fenced = new FencedSource({
    clock: new HandClock(),
    note: () => undefined,
    fence: {
      hold: () => Promise.reject(new Error('interrupted')),
      look: () => Promise.reject(new Error('not asked here')),
      release: (outcome) => {
        released.push(outcome);
        return Promise.resolve(['woke a supervisor']);
      },
    },
  });
  fenced.hold(new AbortController().signal);
  await expect(fenced.outcome()).rejects.toThrow('interrupted');
  expect(await fenced.release('aborted')).toEqual(['woke a supervisor']);
  expect(released).toEqual(['aborted']);
});
