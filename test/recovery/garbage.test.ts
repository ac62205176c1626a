import { describe, expect, it, vi } from 'vitest';
import { garbageCollector } from '../../src/recovery/garbage.js';

const size = 4 * 1024 * 1024;

const held = (): number => process.memoryUsage().arrayBuffers;

describe('The garbage collector', () => {
  it.each(['minor', 'major'] as const)('frees spent buffers (%s)', async (kind) => {
    const collect = garbageCollector();
    collect('major');
    const before = held();
    for (let count = 0; count < 4; count++) Buffer.allocUnsafeSlow(size);
    expect(held()).toBeGreaterThanOrEqual(before + 4 * size);
    collect(kind);
    // What is unreachable is given back by a thread beside us.
    await vi.waitFor(() => {
      expect(held()).toBeLessThan(before + size);
    });
  });
});
