import { describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import type { RecoveryProgress } from '../../src/ports/recovery.js';
import { everyStep, throttled } from '../../src/recovery/progress.js';

const at = (bytes: number): RecoveryProgress => ({ kind: 'fetched', server: serverId('a', 1), bytes, transactions: 0 });

describe('progress', () => {
  it('is told at first, then at most every 200 ms or 8 MiB, and at the end', () => {
    let now = 0;
    const told: number[] = [];
    const tell = throttled(
      ({ bytes }) => told.push(bytes),
      () => now,
    );
    tell(at(1));
    now = 199;
    tell(at(2));
    now = 200;
    tell(at(3));
    tell(at(3 + (8 << 20) - 1));
    tell(at(3 + (8 << 20)));
    tell(at(5 + (8 << 20)), true);
    expect(told).toEqual([1, 3, 3 + (8 << 20), 5 + (8 << 20)]);
  });

  it('is a step once per 8 MiB of each transfer, and of the next one of that server', () => {
    const isStep = everyStep();
    const step = 8 << 20;
    const steps = [1, step, step + 1, 2 * step - 1, 2 * step].map((bytes) => isStep(at(bytes)));
    expect(steps).toEqual([false, true, false, false, true]);
    expect(isStep({ ...at(step), kind: 'served' })).toBe(true);
    expect([1, step, step + 1].map((bytes) => isStep(at(bytes)))).toEqual([false, false, true]);
  });
});
