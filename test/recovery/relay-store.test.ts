import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isAnnotationFiller } from '../../src/binlog/annotation-filler.js';
import { RelayLogWalker } from '../../src/binlog/relay-log.js';
import { EventScanner } from '../../src/binlog/scanner.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import { RelayStore } from '../../src/recovery/relay-store.js';
import { fixtureBytes, relayFixture } from '../binlog/fixture.js';
import { nameOf, pathOf } from '../binlog/relay-walk.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mha-relay-store-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Stored {
  readonly walker: RelayLogWalker;
  readonly store: RelayStore;
}

async function store(name: string, place: Coordinates, lastBytes = Number.POSITIVE_INFINITY): Promise<Stored> {
  const walker = new RelayLogWalker(place);
  const kept = new RelayStore({
    folder,
    prefix: 'relay.a',
    describe: (file) => walker.descriptions.get(file),
  });
  const { relayFiles } = relayFixture(name);
  for (let number = 1; number <= relayFiles; number++) {
    const bytes = fixtureBytes(pathOf(name, number));
    walker.startFile(nameOf(number));
    await kept.put(walker.push(number === relayFiles ? bytes.subarray(0, lastBytes) : bytes));
    walker.endFile();
  }
  return { walker, store: kept };
}

describe('the files that a relay log becomes', () => {
  it("are whole binary logs with the source's bytes at the source's places", async () => {
    const name = 'relay-annotated';
    const { from, to } = relayFixture(name);
    const { walker, store: kept } = await store(name, from);
    const parts = walker.run?.parts ?? [];
    const extents = await kept.finish(parts);
    expect(extents.map(({ file, from: start, to: end }) => [file, start, end])).toEqual([
      [from.file, from.position, fixtureBytes(`${name}.source.${from.file}`).length],
      [to.file, 256, to.position],
    ]);
    expect(extents.map(({ startsFile }) => startsFile)).toEqual([false, true]);
    let filled = 0;
    for (const { file, from: start, to: end, path, offset } of extents) {
      const saved = readFileSync(path);
      const source = fixtureBytes(`${name}.source.${file}`);
      expect(statSync(path).mode & 0o777).toBe(0o600);
      expect(saved.length).toBe(offset + end - start);
      const scanner = new EventScanner({
        start: { kind: 'head' },
        checkPositions: false,
        onEvent: (header, _head, at) => {
          const event = saved.subarray(at, at + header.size);
          const there = source.subarray(start + at - offset, start + at - offset + header.size);
          if (isAnnotationFiller(event)) filled += header.size;
          else if (at >= offset) expect(event.equals(there)).toBe(true);
          return undefined;
        },
      });
      scanner.push(saved);
      expect([scanner.problem, scanner.pending]).toEqual([undefined, 0]);
    }
    expect(filled).toBeGreaterThan(70_000);
    expect(filled).toBe(walker.filled);
    expect(readdirSync(folder)).toHaveLength(2);
  });

  it('end behind the last whole transaction', async () => {
    const name = 'relay-annotated';
    const { from } = relayFixture(name);
    const last = fixtureBytes(pathOf(name, relayFixture(name).relayFiles));
    const { walker, store: kept } = await store(name, from, last.length - 1);
    const run = walker.run;
    const extents = await kept.finish(run?.parts ?? []);
    expect(run?.to.position).toBeLessThan(relayFixture(name).to.position);
    for (const { path, offset, from: start, to: end } of extents) {
      expect(statSync(path).size).toBe(offset + end - start);
    }
  });

  it('are those of one stretch only: what lies in front of a hole is removed when it is not wanted', async () => {
    const { to } = relayFixture('relay-annotated-hole');
    const { walker, store: kept } = await store('relay-annotated-hole', to);
    const extents = await kept.finish(walker.run?.parts ?? []);
    expect(extents.map(({ path }) => path)).toEqual(readdirSync(folder).map((file) => join(folder, file)));
    expect(extents[0]?.from).toBe(walker.run?.from.position);
  });

  it('are gone when they are discarded, or when nothing of them is proven', async () => {
    const { from } = relayFixture('relay-annotated');
    const first = await store('relay-annotated', from);
    await first.store.discard();
    expect(readdirSync(folder)).toEqual([]);
    const second = await store('relay-annotated-hole', relayFixture('relay-annotated-hole').from, 620);
    expect(second.walker.run?.parts).toEqual([]);
    expect(await second.store.finish([])).toEqual([]);
    expect(readdirSync(folder)).toEqual([]);
  });
});
