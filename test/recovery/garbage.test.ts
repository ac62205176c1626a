import { describe, expect, it, vi } from 'vitest';
import { garbageCollector } from '../../src/recovery/garbage.js';

const size = 4 * 1024 * 1024;

const held = (): number => process.memoryUsage().arrayBuffers;

describe('The garbage collector', () => {
  it.each(['minor', 'major'] as const)('frees spent buffers (%s)', async (kind) => {
    const collect = garbageCollector();
    for (let count = 0; count < 4; count++) Buffer.allocUnsafeSlow(size);
    const most = held();
    collect(kind);
    // What is unreachable is given back by a thread beside us.
    await vi.waitFor(
      () => {
        expect(held()).toBeLessThanOrEqual(most - 4 * size);
      },
      { timeout: 20_000 },
    );
  });
});
