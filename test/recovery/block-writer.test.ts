import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BlockWriter } from '../../src/recovery/block-writer.js';

const folder = mkdtempSync(join(tmpdir(), 'mha-blocks-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('writing in blocks', () => {
  it('leaves the bytes where they belong, whatever their sizes and order', async () => {
    const piece = fc.record({
      size: fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 500_000, max: 1_500_000 })),
      follows: fc.boolean(),
      offset: fc.integer({ min: 0, max: 3_000_000 }),
      fill: fc.integer({ min: 1, max: 255 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { minLength: 1, maxLength: 12 }), async (pieces) => {
        const path = join(folder, 'bytes');
        const handle = await open(path, 'w+');
        const writer = new BlockWriter(handle);
        const wanted = Buffer.alloc(22_000_000);
        let end = 0;
        let longest = 0;
        for (const { size, follows, offset, fill } of pieces) {
          const at = follows ? end : offset;
          const bytes = Buffer.alloc(size, fill);
          await writer.put(bytes, at);
          // The writer has taken the bytes over: the caller's buffer may change.
          bytes.fill(0);
          wanted.fill(fill, at, at + size);
          end = at + size;
          longest = Math.max(longest, size === 0 ? 0 : end);
        }
        await writer.flush();
        await handle.close();
        const found = readFileSync(path);
        expect(found.length).toBe(longest);
        expect(found.equals(wanted.subarray(0, longest))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
