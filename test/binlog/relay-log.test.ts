import { describe, expect, it } from 'vitest';
import type { Coordinates } from '../../src/model/coordinates.js';
import { parseDescription, isSoundDescription } from '../../src/binlog/description.js';
import { Ledger } from '../../src/binlog/ledger.js';
import { holdRun, RelayLogWalker, runHolding } from '../../src/binlog/relay-log.js';
import { readHeader } from '../../src/binlog/header.js';
import { makeFakeRotate } from '../../src/binlog/rotate.js';
import { BinlogWalker, type WalkedEvent } from '../../src/binlog/walker.js';
import type { RelayRun } from '../../src/binlog/relay-run.js';
import { fixtureBytes, relayFixture } from './fixture.js';

const whole = [
  'relay',
  'mysql9-relay',
  'mysql9-relay-gtid',
  'mysql9-relay-gtid-restart',
  'mysql56-relay',
  'mysql56-relay-gtid',
  'mysql56-relay-gtid-restart',
];
const holed = ['relay-hole', 'relay-ignored-domain', 'mysql9-relay-hole', 'mysql56-relay-hole'];

const pathOf = (name: string, number: number): string => `${name}.${String(number)}.bin`;

function walkRelay(name: string, change: (bytes: Buffer, number: number) => readonly Buffer[] = (bytes) => [bytes]) {
  const walker = new RelayLogWalker();
  for (let number = 1; number <= relayFixture(name).relayFiles; number++) {
    walker.startFile(pathOf(name, number));
    for (const chunk of change(fixtureBytes(pathOf(name, number)), number)) walker.push(chunk);
    walker.endFile();
  }
  return walker;
}

/** Every byte of the run's extents is the byte at that place of the source's own file. */
function expectSourceBytes(name: string, run: RelayRun): void {
  for (const extent of run.extents) {
    const source = fixtureBytes(`${name}.source.${extent.file}`);
    const stored = fixtureBytes(extent.path).subarray(extent.offset, extent.offset + extent.to - extent.from);
    expect(stored.equals(source.subarray(extent.from, extent.to))).toBe(true);
  }
}

/** Places of the source's file that it may be cut at, from the file itself. */
function sourceBoundaries(name: string, file: string): string[] {
  const found = [`${file}:4`];
  const onEvent = ({ boundary, end }: WalkedEvent): void => {
    if (boundary) found.push(`${file}:${String(end)}`);
  };
  new BinlogWalker({ file, onEvent }).push(fixtureBytes(`${name}.source.${file}`));
  return found;
}

function feed(walker: RelayLogWalker, path: string, bytes = fixtureBytes(path)): void {
  walker.startFile(path);
  walker.push(bytes);
  walker.endFile();
}

function eventEnds(bytes: Buffer): readonly number[] {
  const ends: number[] = [];
  for (let at = 4; at < bytes.length; at += readHeader(bytes, at).size) ends.push(at + readHeader(bytes, at).size);
  return ends;
}

/** Each extent begins where the one before ends, or at the start of the next file. */
function continuous(run: RelayRun): boolean {
  return run.extents.every((extent, index) => {
    const before = run.extents[index - 1];
    return (
      before === undefined || (before.file === extent.file ? before.to === extent.from : extent.startsFile === true)
    );
  });
}

function runOf(walker: RelayLogWalker, place: Coordinates): RelayRun {
  const run = runHolding(walker.runs(), place);
  if (run === undefined) throw new Error('no run');
  return run;
}

describe('a relay log', () => {
  it.each(['relay', 'relay-gtid'])(
    '%s: gives the source’s bytes back at the source’s places, up to its end',
    (name) => {
      const { from, to } = relayFixture(name);
      const run = runOf(walkRelay(name), from);
      expect(run.defect).toBeUndefined();
      expect(run.to).toEqual(to);
      expectSourceBytes(name, run);
    },
  );

  it('counts transactions and GTIDs over relay files, a rotation and a reconnect', () => {
    const run = runOf(walkRelay('relay'), relayFixture('relay').from);
    expect(run).toMatchObject({ from: relayFixture('relay').from, transactions: 5, gtids: '0-21-10' });
    expect(run.completed).toEqual([
      { file: 'bin.000001', end: fixtureBytes('relay.source.bin.000001').length, next: 'bin.000002' },
    ]);
  });

  it.each(holed)('%s: ends where the receiver dropped something', (name) => {
    const { from, to } = relayFixture(name);
    const walker = walkRelay(name);
    const run = runOf(walker, from);
    expect(run.transactions).toBe(1);
    expect(run.defect?.kind).toBe('gap');
    expect(run.defect?.at).toEqual(run.to);
    expectSourceBytes(name, run);
    const behind = runOf(walker, to);
    expect(behind).toMatchObject({ to, transactions: 1 });
    expect(behind.from.position).toBeGreaterThan(run.to.position);
    expectSourceBytes(name, behind);
  });

  it.each([...whole, ...holed, 'relay-gtid'])('%s: does not depend on how the bytes are cut', (name) => {
    const atOnce = walkRelay(name).runs();
    const bytewise = walkRelay(name, (bytes) => Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))).runs();
    expect(bytewise).toEqual(atOnce);
  });

  it.each(whole)('%s: starts a following file behind its head, and can be served over the border', (name) => {
    const { from, to } = relayFixture(name);
    const walker = walkRelay(name);
    const ledger = new Ledger();
    const run = runOf(walker, from);
    holdRun(ledger, walker, run);
    expect(run.completed.map(({ file, next }) => [file, next])).toEqual([[from.file, to.file]]);
    expect(ledger.reachFrom(from)).toEqual(to);
  });

  it('does not enter a file whose first transactions a GTID start skipped', () => {
    const { from } = relayFixture('mysql9-relay-gtid');
    const [first] = walkRelay('mysql9-relay-gtid').runs();
    expect(first?.extents[0]).toMatchObject({ file: from.file, from: from.position, startsFile: false });
  });

  it.each([...whole, 'relay-gtid'])('%s: cut anywhere in its last file, it ends behind a whole transaction', (name) => {
    const { from, to, relayFiles } = relayFixture(name);
    const boundaries = new Set([from.file, to.file].flatMap((file) => sourceBoundaries(name, file)));
    const reached: RelayRun[] = [];
    for (let cut = 0; cut <= fixtureBytes(pathOf(name, relayFiles)).length; cut++) {
      const walker = walkRelay(name, (bytes, number) => [number === relayFiles ? bytes.subarray(0, cut) : bytes]);
      reached.push(runOf(walker, from));
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
    const expected = runOf(walkRelay(name), from);
    for (const cut of eventEnds(last)) {
      const walker = new RelayLogWalker();
      for (let number = 1; number < relayFiles; number++) feed(walker, pathOf(name, number));
      // The connection broke here; the next relay file holds the same connection's start again, and all of it.
      feed(walker, 'cut', last.subarray(0, cut));
      feed(walker, pathOf(name, relayFiles), last);
      const run = runOf(walker, from);
      expect(run).toMatchObject({ to, transactions: expected.transactions, gtids: expected.gtids });
      expect(run.defect).toBeUndefined();
      expect(continuous(run)).toBe(true);
    }
  });

  it('goes on inside a transaction when a reconnect by position does', () => {
    const { from, to, relayFiles } = relayFixture('relay');
    const last = fixtureBytes(pathOf('relay', relayFiles));
    const expected = runOf(walkRelay('relay'), from);
    const ends = eventEnds(last);
    const [ownEnd = 0, , sourceHeadEnd = 0] = ends;
    for (const cut of ends.filter((end) => end > sourceHeadEnd && end < last.length)) {
      const walker = new RelayLogWalker();
      for (let number = 1; number < relayFiles; number++) feed(walker, pathOf('relay', number));
      feed(walker, 'cut', last.subarray(0, cut));
      const position = to.position - (last.length - cut);
      const rotate = makeFakeRotate({ file: to.file, position }, 21, 'crc32');
      const head = [last.subarray(0, ownEnd), rotate, last.subarray(ends[1] ?? 0, sourceHeadEnd)];
      feed(walker, 'rest', Buffer.concat([...head, last.subarray(cut)]));
      const run = runOf(walker, from);
      expect(run).toMatchObject({ to, transactions: expected.transactions, gtids: expected.gtids });
      expect(continuous(run)).toBe(true);
    }
  });

  it('takes a checksum error in the middle for the end of the run', () => {
    const { from } = relayFixture('relay');
    const walker = walkRelay('relay', (bytes, number) => {
      if (number !== 4) return [bytes];
      const spoilt = Buffer.from(bytes);
      spoilt.writeUInt8(spoilt.readUInt8(660) ^ 1, 660);
      return [spoilt];
    });
    const run = runOf(walker, from);
    expect(run.defect?.kind).toBe('checksum');
    expect(run.to).toEqual({ file: 'bin.000002', position: 336 });
  });

  it('gives each source file’s description as a file of the source would hold it', () => {
    const { descriptions } = walkRelay('relay');
    expect([...descriptions.keys()]).toEqual(['bin.000001', 'bin.000002']);
    for (const event of descriptions.values()) {
      const description = parseDescription(event);
      expect(description).toMatchObject({ serverId: 21, checksum: 'crc32', inUse: false });
      expect(event.readUInt32LE(13)).toBe(4 + event.length);
      expect(description !== undefined && isSoundDescription(event, description)).toBe(true);
    }
  });
});
