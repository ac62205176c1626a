import { describe, expect, it } from 'vitest';
import { parseDescription, isSoundDescription } from '../../src/binlog/description.js';
import { readHeader } from '../../src/binlog/header.js';
import { makeFakeRotate } from '../../src/binlog/rotate.js';
import { BinlogWalker, type WalkedEvent } from '../../src/binlog/walker.js';
import type { RelayRun } from '../../src/binlog/relay-run.js';
import { fixtureBytes, relayFixture } from './fixture.js';
import { type Change, expectSourceBytes, nameOf, pathOf, Walk, walkRelay } from './relay-walk.js';

const whole = [
  'relay',
  'mysql9-relay',
  'mysql9-relay-gtid',
  'mysql9-relay-gtid-restart',
  'mysql56-relay',
  'mysql56-relay-gtid',
  'mysql56-relay-gtid-restart',
  'relay-annotated',
];
const holed = ['relay-hole', 'relay-ignored-domain', 'relay-annotated-hole', 'mysql9-relay-hole', 'mysql56-relay-hole'];

/** Places of the source's file that it may be cut at, from the file itself. */
function sourceBoundaries(name: string, file: string): string[] {
  const found = [`${file}:4`];
  const onEvent = ({ boundary, end }: WalkedEvent): void => {
    if (boundary) found.push(`${file}:${String(end)}`);
  };
  new BinlogWalker({ file, onEvent }).push(fixtureBytes(`${name}.source.${file}`));
  return found;
}

function pieces(bytes: Buffer, size: number): readonly Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

function eventEnds(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = 4; at < bytes.length; at += readHeader(bytes, at).size) ends.push(at + readHeader(bytes, at).size);
  return ends;
}

/** Each part begins where the one before ends: at the start of the next file. */
function continuous(run: RelayRun): boolean {
  return run.parts.every(
    (part, index) => index === 0 || (part.startsFile && part.file === run.completed[index - 1]?.next),
  );
}

describe('a relay log', () => {
  it.each(['relay', 'relay-gtid', 'relay-annotated'])(
    '%s: gives the source’s bytes back at the source’s places, up to its end',
    (name) => {
      const { from, to } = relayFixture(name);
      const walk = walkRelay(name);
      expect(walk.run).toMatchObject({ from, to });
      expect(walk.run.defect).toBeUndefined();
      expectSourceBytes(name, walk);
    },
  );

  it('counts transactions and GTIDs over relay files, a rotation and a reconnect', () => {
    const { run } = walkRelay('relay');
    expect(run).toMatchObject({ from: relayFixture('relay').from, transactions: 5, gtids: '0-21-10' });
    expect(run.completed).toEqual([
      { file: 'bin.000001', end: fixtureBytes('relay.source.bin.000001').length, next: 'bin.000002' },
    ]);
  });

  it.each(holed)('%s: ends where the receiver dropped something', (name) => {
    const { to } = relayFixture(name);
    const walk = walkRelay(name);
    const { run } = walk;
    expect(run).toMatchObject({ transactions: 1, defect: { kind: 'gap', at: run.to } });
    expect(walk.walker.isSettled).toBe(true);
    expectSourceBytes(name, walk);
    const behind = walkRelay(name, to);
    expect(behind.run).toMatchObject({ to, transactions: 1 });
    expect(behind.run.from.position).toBeGreaterThan(run.to.position);
    expectSourceBytes(name, behind);
  });

  it.each([...whole, ...holed, 'relay-gtid'])('%s: does not depend on how the bytes are cut', (name) => {
    const { from, to } = relayFixture(name);
    for (const place of [from, to]) {
      const atOnce = walkRelay(name, place);
      for (const size of [1, 23, 70_000]) {
        const cut = walkRelay(name, place, (bytes) => pieces(bytes, size));
        expect(cut.run).toEqual(atOnce.run);
        for (const part of cut.run.parts) {
          const { file, from: start, to: end } = part;
          expect(cut.bytes(file, start, end).equals(atOnce.bytes(file, start, end))).toBe(true);
        }
      }
    }
  });

  it.each(whole)('%s: starts a following file behind its head, and can be served over the border', (name) => {
    const { from, to } = relayFixture(name);
    const { run } = walkRelay(name);
    expect(run.to).toEqual(to);
    expect(run.completed.map(({ file, next }) => [file, next])).toEqual([[from.file, to.file]]);
    expect(run.parts.at(-1)).toMatchObject({ file: to.file, to: to.position, startsFile: true });
    expect(continuous(run)).toBe(true);
  });

  it('does not enter a file whose first transactions a GTID start skipped', () => {
    const { from } = relayFixture('mysql9-relay-gtid');
    const { run } = walkRelay('mysql9-relay-gtid');
    expect(run.parts[0]).toMatchObject({ file: from.file, from: from.position, startsFile: false });
  });

  it.each([...whole, 'relay-gtid'])('%s: cut anywhere in its last file, it ends behind a whole transaction', (name) => {
    const { from, to, relayFiles } = relayFixture(name);
    const boundaries = new Set([from.file, to.file].flatMap((file) => sourceBoundaries(name, file)));
    const reached: RelayRun[] = [];
    for (let cut = 0; cut <= fixtureBytes(pathOf(name, relayFiles)).length; cut++) {
      const change: Change = (bytes, number) => [number === relayFiles ? bytes.subarray(0, cut) : bytes];
      reached.push(walkRelay(name, from, change).run);
    }
    expect(reached.filter((run) => !boundaries.has(`${run.to.file}:${String(run.to.position)}`))).toEqual([]);
    const counts = reached.map(({ transactions }) => transactions);
    expect(counts).toEqual(counts.toSorted((x, y) => x - y));
    expect(reached.at(-1)?.to).toEqual(to);
  });

  it('forgets a cut transaction that a reconnect by GTID set stores again from its start', () => {
    const name = 'mysql9-relay-gtid';
    const { from, to, relayFiles } = relayFixture(name);
    const last = fixtureBytes(pathOf(name, relayFiles));
    const expected = walkRelay(name).run;
    for (const cut of eventEnds(last)) {
      const walk = new Walk(from);
      for (let number = 1; number < relayFiles; number++)
        walk.feed(nameOf(number), [fixtureBytes(pathOf(name, number))]);
      // The connection broke here; the next relay file holds the same connection's start again, and all of it.
      walk.feed('cut', [last.subarray(0, cut)]).feed(nameOf(relayFiles), [last]);
      const { run } = walk;
      expect(run).toMatchObject({ to, transactions: expected.transactions, gtids: expected.gtids });
      expect(run.defect).toBeUndefined();
      expect(continuous(run)).toBe(true);
    }
  });

  it('goes on inside a transaction when a reconnect by position does', () => {
    const { from, to, relayFiles } = relayFixture('relay');
    const last = fixtureBytes(pathOf('relay', relayFiles));
    const expected = walkRelay('relay').run;
    const ends = eventEnds(last);
    const [ownEnd = 0, , sourceHeadEnd = 0] = ends;
    for (const cut of ends.filter((end) => end > sourceHeadEnd && end < last.length)) {
      const walk = new Walk(from);
      for (let number = 1; number < relayFiles; number++)
        walk.feed(nameOf(number), [fixtureBytes(pathOf('relay', number))]);
      walk.feed('cut', [last.subarray(0, cut)]);
      const position = to.position - (last.length - cut);
      const rotate = makeFakeRotate({ file: to.file, position }, 21, 'crc32');
      const head = [last.subarray(0, ownEnd), rotate, last.subarray(ends[1] ?? 0, sourceHeadEnd)];
      const { run } = walk.feed('rest', [...head, last.subarray(cut)]);
      expect(run).toMatchObject({ to, transactions: expected.transactions, gtids: expected.gtids });
      expect(continuous(run)).toBe(true);
    }
  });

  it('takes a checksum error in the middle for the end of the run', () => {
    const { from } = relayFixture('relay');
    const { run } = walkRelay('relay', from, (bytes, number) => {
      if (number !== 4) return [bytes];
      const spoilt = Buffer.from(bytes);
      spoilt.writeUInt8(spoilt.readUInt8(660) ^ 1, 660);
      return [spoilt];
    });
    expect(run.defect?.kind).toBe('checksum');
    expect(run.to).toEqual({ file: 'bin.000002', position: 336 });
  });

  it('gives each source file’s description as a file of the source would hold it', () => {
    const { descriptions } = walkRelay('relay').walker;
    expect([...descriptions.keys()]).toEqual(['bin.000001', 'bin.000002']);
    for (const event of descriptions.values()) {
      const description = parseDescription(event);
      expect(description).toMatchObject({ serverId: 21, checksum: 'crc32', inUse: false });
      expect(event.readUInt32LE(13)).toBe(4 + event.length);
      expect(description !== undefined && isSoundDescription(event, description)).toBe(true);
    }
  });
});
