import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendChecksum, hasRightChecksum, sealEvent } from '../../src/binlog/checksum.js';
import { shortCrc32, shortLength } from '../../src/binlog/short-crc.js';

const someBytes = fc.uint8Array({ maxLength: 3 * shortLength }).map((bytes) => Buffer.from(bytes));

describe('checksums', () => {
  it('of short pieces are zlib’s', () => {
    fc.assert(
      fc.property(someBytes, fc.nat(60), (bytes, start) => {
        const from = Math.min(start, bytes.length);
        expect(shortCrc32(bytes, from, bytes.length)).toBe(crc32(bytes.subarray(from)));
      }),
    );
  });

  it('of pieces one after another are the whole’s', () => {
    fc.assert(
      fc.property(fc.array(someBytes), (pieces) => {
        const joined = pieces.reduce((running, piece) => extendChecksum(piece, running), 0);
        expect(joined).toBe(crc32(Buffer.concat(pieces)));
      }),
    );
  });

  it('are right after sealing, wrong after any change', () => {
    const event = fc.uint8Array({ minLength: 23, maxLength: 3 * shortLength }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(event, fc.nat(), fc.integer({ min: 1, max: 255 }), (bytes, place, change) => {
        sealEvent(bytes);
        expect(hasRightChecksum(bytes, 0, bytes.length)).toBe(true);
        const at = place % bytes.length;
        bytes.writeUInt8(bytes.readUInt8(at) ^ change, at);
        expect(hasRightChecksum(bytes, 0, bytes.length)).toBe(false);
      }),
    );
  });
});
