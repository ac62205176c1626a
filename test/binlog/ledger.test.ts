import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldExtent, Ledger } from '../../src/binlog/ledger.js';

const file = 'bin.000007';
const next = 'bin.000008';

function extent(from: number, to: number, more: Partial<HeldExtent> = {}): HeldExtent {
  return { file, from, to, path: `/run/${file}`, offset: from, ...more };
}

describe('the ledger', () => {
  it('serves an extent up to its end and goes on when it grows', () => {
    const ledger = new Ledger();
    const told: number[] = [];
    ledger.onGrowth(() => told.push(ledger.extentAt({ file, position: 100 })?.to ?? 0));
    ledger.grow(extent(100, 200));
    expect(ledger.continueAt({ file, position: 200 })).toBeUndefined();
    ledger.grow(extent(100, 300));
    expect(ledger.continueAt({ file, position: 200 })).toEqual({ file, position: 200 });
    expect(told).toEqual([200, 300]);
  });

  it('does not shrink, and tells nobody of what is nothing new', () => {
    const ledger = new Ledger();
    let told = 0;
    ledger.grow(extent(100, 300));
    ledger.onGrowth(() => told++);
    ledger.grow(extent(100, 200));
    ledger.grow(extent(400, 400));
    expect(ledger.extentAt({ file, position: 100 })?.to).toBe(300);
    expect(ledger.extentAt({ file, position: 400 })).toBeUndefined();
    expect(told).toBe(0);
  });

  it('stops telling who asked it to', () => {
    const ledger = new Ledger();
    let told = 0;
    const stop = ledger.onGrowth(() => told++);
    ledger.grow(extent(100, 200));
    stop();
    ledger.grow(extent(100, 300));
    expect(told).toBe(1);
  });

  it('joins a relay log and a fetched tail where they touch, and not over a hole', () => {
    const ledger = new Ledger();
    const relay = extent(100, 200, { path: '/run/relay.1', offset: 549 });
    ledger.grow(relay);
    ledger.grow(extent(200, 500));
    expect(ledger.extentAt({ file, position: 150 })).toEqual(relay);
    expect(ledger.extentAt({ file, position: 200 })?.path).toBe(`/run/${file}`);
    expect(ledger.reachFrom({ file, position: 100 })).toEqual({ file, position: 500 });
    ledger.grow(extent(501, 600, { path: '/run/behind' }));
    expect(ledger.reachFrom({ file, position: 100 })).toEqual({ file, position: 500 });
  });

  it('takes the longest of several that hold a place', () => {
    const ledger = new Ledger();
    ledger.growAll([extent(100, 200), extent(150, 400, { path: '/b' }), extent(120, 300, { path: '/c' })]);
    expect(ledger.extentAt({ file, position: 160 })?.path).toBe('/b');
  });

  it('goes on in the next file only when this one is complete and the next is held from its start', () => {
    const ledger = new Ledger();
    ledger.growAll([extent(100, 200), extent(4, 300, { file: next })]);
    expect(ledger.continueAt({ file, position: 200 })).toBeUndefined();
    ledger.complete(file, 200, next);
    expect(ledger.continueAt({ file, position: 200 })).toEqual({ file: next, position: 4 });
    expect(ledger.continueAt({ file, position: 150 })).toEqual({ file, position: 150 });

    const broken = new Ledger();
    broken.growAll([extent(100, 200), extent(700, 900, { file: next })]);
    broken.complete(file, 200, next);
    expect(broken.continueAt({ file, position: 200 })).toBeUndefined();
  });

  it('enters a file of a relay log behind the head that no replica needs', () => {
    const ledger = new Ledger();
    ledger.growAll([extent(100, 200), extent(256, 300, { file: next, startsFile: true })]);
    ledger.complete(file, 200, next);
    expect(ledger.continueAt({ file, position: 200 })).toEqual({ file: next, position: 256 });
  });

  it('knows a file’s end both with and without the stop event that relay logs leave out', () => {
    const ledger = new Ledger();
    ledger.growAll([extent(100, 200), extent(100, 223, { path: '/tail' }), extent(4, 50, { file: next })]);
    ledger.complete(file, 200, next);
    ledger.complete(file, 223, next);
    expect(ledger.reachFrom({ file, position: 100 })).toEqual({ file: next, position: 50 });
  });

  it('does not run in circles when a file is said to follow itself', () => {
    const ledger = new Ledger();
    ledger.grow(extent(4, 200));
    ledger.complete(file, 200, file);
    expect(ledger.continueAt({ file, position: 200 })).toBeUndefined();
  });

  it('starts at the earliest place, by file number', () => {
    const ledger = new Ledger();
    expect(ledger.start()).toBeUndefined();
    ledger.growAll([extent(4, 9, { file: 'bin.1000000' }), extent(70, 90, { file: 'bin.999999' })]);
    expect(ledger.start()).toEqual({ file: 'bin.999999', position: 70 });
  });

  it('keeps the first description of a file, whatever becomes of the buffer', () => {
    const ledger = new Ledger();
    const bytes = Buffer.from('first');
    ledger.describe(file, bytes);
    bytes.fill(0);
    ledger.describe(file, Buffer.from('second'));
    expect(ledger.description(file)?.toString()).toBe('first');
  });

  it('reaches exactly what is joined, in whatever order it came', () => {
    const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(lengths, fc.nat(), fc.nat(), (list, seed, holeSeed) => {
        let at = 4;
        const pieces = list.map((length, index) => extent(at, (at += length), { path: `/p${String(index)}` }));
        const hole = holeSeed % (pieces.length + 1);
        const held = pieces.filter((_, index) => index !== hole);
        const shuffled = held.toSorted((a, b) => ((a.from * (seed + 7)) % 101) - ((b.from * (seed + 7)) % 101));
        const ledger = new Ledger();
        for (const piece of shuffled) ledger.grow(piece);
        expect(ledger.reachFrom({ file, position: 4 }).position).toBe(pieces[hole]?.from ?? at);
      }),
    );
  });
});
