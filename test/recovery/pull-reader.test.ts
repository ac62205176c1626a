import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PullReader } from '../../src/recovery/pull-reader.js';

describe('the pulling reader', () => {
  it('finds lines and counted bytes whatever the chunks are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 30 }), async (sizes) => {
        const text = 'one\ntwo\n\n0123456789last';
        const pieces: Buffer[] = [];
        for (let at = 0, index = 0; at < text.length; index++) {
          const size = sizes[index % sizes.length] ?? 1;
          pieces.push(Buffer.from(text.slice(at, at + size)));
          at += size;
        }
        const reader = new PullReader(Readable.from(pieces, { objectMode: false }), 1000);
        expect([await reader.line(), await reader.line(), await reader.line()]).toEqual(['one', 'two', '']);
        expect((await reader.bytes(10)).toString()).toBe('0123456789');
        expect((await reader.bytes(99)).toString()).toBe('last');
        expect(await reader.line()).toBeUndefined();
      }),
    );
  });

  it('tells who reads that the stream broke before, and nobody else', async () => {
    const stream = new PassThrough();
    const reader = new PullReader(stream, 1000);
    stream.destroy(new Error('connection lost'));
    await new Promise((closed) => stream.once('close', closed));
    await expect(reader.bytes(1)).rejects.toThrow('connection lost');
  });

  it('gives up on a stream that falls silent', async () => {
    const reader = new PullReader(new PassThrough(), 20);
    await expect(reader.bytes(1)).rejects.toThrow('no byte came for 20 ms');
  });
});
