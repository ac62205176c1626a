import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BinlogWalker, type WalkedEvent } from '../../src/binlog/walker.js';
import { fixtureBytes, sourceFixture } from './fixture.js';

const listed = ['row', 'statement', 'blob', 'no-checksum', 'compressed', 'domains', 'load-data', 'rotated', 'stopped'];

function walk(
  file: string,
  bytes: Buffer,
  sizes: readonly number[] = [],
): { walker: BinlogWalker; events: WalkedEvent[] } {
  const events: WalkedEvent[] = [];
  const walker = new BinlogWalker({ file, onEvent: (event) => events.push(event) });
  let at = 0;
  for (const size of sizes) {
    walker.push(bytes.subarray(at, at + size));
    at += size;
  }
  walker.push(bytes.subarray(at));
  return { walker, events };
}

describe('a whole file', () => {
  it.each(listed)('%s: events lie where the server lists them', (name) => {
    const { file, end, events: said } = sourceFixture(name);
    const { walker, events } = walk(file, fixtureBytes(name));
    expect(walker.defectAtEnd()).toBeUndefined();
    expect(events.map(({ position, end: to, serverId }) => [position, to, serverId])).toEqual(
      said.map(({ position, end: to, server }) => [position, to, server]),
    );
    expect(walker.verifiedUpTo).toBe(end);
  });

  it.each(listed)('%s: boundaries lie in front of GTIDs and of the file’s own events, and nowhere else', (name) => {
    const { file, events: said } = sourceFixture(name);
    const { events } = walk(file, fixtureBytes(name));
    const outside = new Set(['Gtid', 'Format_desc', 'Gtid_list', 'Binlog_checkpoint', 'Rotate', 'Stop']);
    const starts = said.filter(({ type }) => outside.has(type)).map(({ position }) => position);
    const ends = events.filter(({ boundary }) => boundary).map((event) => event.end);
    expect(ends).toEqual([...starts.slice(1), said.at(-1)?.end]);
  });
});
