import { Writable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Packer } from '../../../src/binlog/source/packer.js';
import { framePacket } from '../../../src/binlog/source/packets.js';
import { Wire } from '../../../src/binlog/source/wire.js';
import { streamPair } from './stream-pair.js';

interface Packets {
  readonly bodies: Buffer[];
  /** Lengths of the pieces. */
  readonly pieces: number[];
}

/** Puts packets together again; every piece must carry the next number. */
function readPackets(bytes: Buffer, firstSequence: number): Packets {
  const bodies: Buffer[] = [];
  const pieces: number[] = [];
  let open: Buffer[] = [];
  let sequence = firstSequence;
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUIntLE(at, 3);
    expect(bytes[at + 3]).toBe(sequence);
    sequence = (sequence + 1) % 256;
    pieces.push(length);
    open.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
    if (length === 0xffffff) continue;
    bodies.push(Buffer.concat(open));
    open = [];
  }
  expect(open).toEqual([]);
  return { bodies, pieces };
}

describe('framePacket', () => {
  it.each([
    [0, [0]],
    [5, [5]],
    [0xfffffe, [0xfffffe]],
    [0xffffff, [0xffffff, 0]],
    [0x1000000, [0xffffff, 1]],
    [0x1fffffe, [0xffffff, 0xffffff, 0]],
  ])('splits %i bytes into pieces that end with a shorter one', (size, pieces) => {
    const body = Buffer.alloc(size, 9);
    const read = readPackets(framePacket(body, 254), 254);
    expect(read.pieces).toEqual(pieces);
    expect(read.bodies[0]?.equals(body)).toBe(true);
  });
});

/** A wire whose other side keeps copies of what was written. */
function recorder(): { readonly wire: Wire; readonly written: Buffer[] } {
  const written: Buffer[] = [];
  const { server } = streamPair();
  const sink = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      written.push(Buffer.from(chunk));
      setImmediate(done);
    },
  });
  server.write = sink.write.bind(sink);
  return { wire: new Wire(server), written };
}

describe('Packer', () => {
  it('packs any events, whole or in pieces, through a buffer of any size', async () => {
    const step = fc.record({ size: fc.integer({ min: 19, max: 3000 }), piece: fc.integer({ min: 1, max: 900 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 16, max: 2000 }), async (steps, room) => {
        const { wire, written } = recorder();
        const packer = new Packer(wire, room);
        const events = steps.map(({ size }, index) => Buffer.alloc(size, index + 1));
        for (const [index, event] of events.entries()) {
          if (packer.fits(event.length)) packer.pack(event, 0, event.length);
          else {
            await packer.begin(event.length);
            const piece = steps[index]?.piece ?? 1;
            for (let at = 0; at < event.length; at += piece) await packer.append(event.subarray(at, at + piece));
          }
        }
        await packer.flush();
        const { bodies } = readPackets(Buffer.concat(written), 0);
        expect(bodies).toEqual(events.map((event) => Buffer.concat([Buffer.of(0), event])));
      }),
      { numRuns: 60 },
    );
  });

  it.each([0xfffffd, 0xfffffe, 0xffffff, 0x1fffffd, 0x1fffffe])(
    'ends an event of %i bytes with a shorter packet',
    async (size) => {
      const { wire, written } = recorder();
      const packer = new Packer(wire, 1 << 20);
      const event = Buffer.alloc(size, 3);
      await packer.packWhole(event);
      await packer.packWhole(Buffer.alloc(30, 4));
      await packer.flush();
      const { bodies } = readPackets(Buffer.concat(written), 0);
      expect(bodies.map((body) => body.length)).toEqual([size + 1, 31]);
      expect(bodies[0]?.subarray(1).equals(event)).toBe(true);
    },
  );
});
