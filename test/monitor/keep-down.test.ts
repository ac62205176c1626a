import { describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import { keepDown } from '../../src/monitor/keep-down.js';
import type { Door } from '../../src/ports/shell.js';
import { fakeClock } from './support/fake-clock.js';
import { localDoor } from './support/local-door.js';

describe('the fence of a host without a shell', () => {
  it('is looked at again without the patience of the first time, since clients wait', async () => {
    const patience: number[] = [];
    const run: Door['run'] = (_, { deadlineMs }) => {
      patience.push(deadlineMs);
      return Promise.reject(new Error(`no answer within ${String(deadlineMs)} ms`));
    };
    const target = {
      server: serverId('a', 3306),
      place: { address: '127.0.0.1', port: 3306 },
      binlogBase: '/data/bin',
      remoteWorkdir: '/var/tmp',
    };
    const ports = {
      door: { ...localDoor(), run },
      knock: () => Promise.resolve('no-answer' as const),
      clock: fakeClock(),
    };
    const fence = keepDown(target, ports);
    const { signal } = new AbortController();
    expect((await fence.hold(signal)).state).toBe('unreachable');
    expect(await fence.look(signal)).toEqual({ port: 'no-answer', process: 'cannot-tell' });
    const [first = 0, ...later] = patience;
    expect(later).toHaveLength(1);
    expect(Math.max(...later)).toBeLessThanOrEqual(first / 5);
  });
});
