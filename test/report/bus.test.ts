import { describe, expect, it } from 'vitest';
import { createBus } from '../../src/report/bus.js';
import type { RunEvent } from '../../src/ports/events.js';

const clock = { now: () => 5, wall: () => 1000, sleep: () => Promise.resolve() };

describe('the bus', () => {
  it('numbers and dates what happens, and keeps all but progress', () => {
    const bus = createBus('app1', 'run1', clock, () => undefined);
    const heard: RunEvent[] = [];
    bus.subscribe((event) => heard.push(event));
    bus.emit({ kind: 'phase-started', phase: 'freeze' });
    bus.emit({ kind: 'step-progress', phase: 'freeze', step: 's', text: 't' });
    bus.emit({ kind: 'note', level: 'info', text: 'n' });
    expect(heard.map(({ sequence, wall, at }) => [sequence, wall, at])).toEqual([
      [0, 1000, 5],
      [1, 1000, 5],
      [2, 1000, 5],
    ]);
    expect(bus.history.map(({ kind }) => kind)).toEqual(['phase-started', 'note']);
  });

  it('lets no listener throw into the run, nor keep the others from hearing', () => {
    const failures: unknown[] = [];
    const bus = createBus('app1', 'run1', clock, (error) => failures.push(error));
    const heard: RunEvent[] = [];
    bus.subscribe(() => {
      throw new Error('deaf');
    });
    bus.subscribe((event) => heard.push(event));
    bus.emit({ kind: 'note', level: 'info', text: 'n' });
    expect(heard).toHaveLength(1);
    expect(failures).toEqual([new Error('deaf')]);
  });
});
