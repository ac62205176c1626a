import { describe, expect, it } from 'vitest';
import { fillerPieces, isAnnotationFiller, writeFiller } from '../../src/binlog/annotation-filler.js';
import { sealEvent } from '../../src/binlog/checksum.js';
import { eventType } from '../../src/binlog/event-types.js';
import { type EventHeader, readHeader } from '../../src/binlog/header.js';
import { EventScanner } from '../../src/binlog/scanner.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import { fixtureBytes, relayFixture } from './fixture.js';
import { type Change, expectSourceBytes, nameOf, pathOf, Walk, walkRelay } from './relay-walk.js';

const name = 'relay-annotated';
const { from, to, relayFiles } = relayFixture(name);

/** Events of a relay file with their start. */
function eventsOf(bytes: Buffer): readonly { readonly at: number; readonly header: EventHeader }[] {
  const events: { at: number; header: EventHeader }[] = [];
  for (let at = 4; at < bytes.length; at += readHeader(bytes, at).size)
    events.push({ at, header: readHeader(bytes, at) });
  return events;
}

/** Types of the source's events behind a place. */
function typesOf(file: string, start: number): readonly number[] {
  const events = eventsOf(fixtureBytes(`${name}.source.${file}`));
  return events.flatMap(({ at, header }) => (at >= start ? [header.type] : []));
}

/** Annotations that the source wrote in a range of one of its files. */
function annotationsIn(file: string, start: number, end: number): readonly EventHeader[] {
  const events = eventsOf(fixtureBytes(`${name}.source.${file}`).subarray(0, end));
  return events.flatMap(({ at, header }) => (at >= start && header.type === eventType.annotateRows ? [header] : []));
}

/** The relay log with one event of a file changed (or left out). */
function changing(file: number, pick: (header: EventHeader) => boolean, change: (event: Buffer) => Buffer): Change {
  return (bytes, number) => {
    const found = eventsOf(bytes).find(({ header }) => pick(header));
    if (number !== file || found === undefined) return [bytes];
    const end = found.at + found.header.size;
    return [
      Buffer.concat([
        bytes.subarray(0, found.at),
        change(Buffer.from(bytes.subarray(found.at, end))),
        bytes.subarray(end),
      ]),
    ];
  };
}

/** The same event, said to end so many bytes further on. */
function moved(event: Buffer, by: number): Buffer {
  event.writeUInt32LE(event.readUInt32LE(13) + by, 13);
  return sealEvent(event);
}

const nothing = Buffer.alloc(0);

describe('a relay log without annotations', () => {
  it('has holes only where the source wrote one, and fills each by its size', () => {
    const walk = walkRelay(name);
    const annotations = walk.run.parts.flatMap((part) => annotationsIn(part.file, part.from, part.to));
    expect(annotations.length).toBeGreaterThan(35);
    expect(annotations.some(({ size }) => size > 65_536)).toBe(true);
    expect(expectSourceBytes(name, walk)).toBe(annotations.length);
    for (const { file, from: start, to: end } of walk.run.parts) {
      const fillers = eventsOf(Buffer.concat([Buffer.alloc(4), walk.bytes(file, start, end)]));
      const wanted = annotationsIn(file, start, end).map(({ size, logPosition, serverId }) => [
        size,
        logPosition,
        serverId,
      ]);
      const found = fillers.filter(({ header }) => header.type === eventType.annotateRows);
      expect(found.map(({ header }) => [header.size, header.logPosition, header.serverId])).toEqual(wanted);
    }
  });

  it('is one long part for each file of the source, over relay files that end inside a transaction', () => {
    const { run } = walkRelay(name);
    const gtids = [from.file, to.file].flatMap((file) => typesOf(file, file === from.file ? from.position : 4));
    const transactions = gtids.filter((type) => type === eventType.mariadbGtid).length;
    expect(transactions).toBeGreaterThan(10);
    expect(run).toMatchObject({ from, to, transactions });
    expect(run.defect).toBeUndefined();
    expect(run.parts).toEqual([
      {
        file: from.file,
        from: from.position,
        to: fixtureBytes(`${name}.source.${from.file}`).length,
        startsFile: false,
      },
      { file: to.file, from: 256, to: to.position, startsFile: true },
    ]);
  });

  it('is cut in front of a transaction that a relay file in the middle of it is missing for', () => {
    const whole = walkRelay(name);
    for (const missing of [3, 4, 5]) {
      const walk = new Walk(from);
      for (let number = 1; number <= relayFiles; number++) {
        if (number !== missing) walk.feed(nameOf(number), [fixtureBytes(pathOf(name, number))]);
      }
      expect(walk.run).toMatchObject({ from, defect: { kind: 'gap' } });
      expect(walk.run.transactions).toBeLessThan(whole.run.transactions);
      expectSourceBytes(name, walk);
    }
  });

  it('ends where anything but an annotation can be missing', () => {
    const isType = (type: number) => (header: EventHeader) => header.type === type && header.serverId === 31;
    const drop = (): Buffer => nothing;
    const spoilt: Record<string, Change> = {
      'a GTID event': changing(2, (header) => isType(eventType.mariadbGtid)(header) && header.logPosition > 2000, drop),
      'a table map': changing(2, isType(eventType.tableMap), drop),
      rows: changing(2, isType(23), drop),
      'an end': changing(2, isType(eventType.query), drop),
      'too little for an annotation': changing(2, isType(eventType.tableMap), (event) => moved(event, -42 + 22)),
    };
    for (const [what, change] of Object.entries(spoilt)) {
      const walk = walkRelay(name, from, change);
      expect([what, walk.run.defect?.kind]).toEqual([what, 'gap']);
      expect([what, walk.run.to]).not.toEqual([what, to]);
      expectSourceBytes(name, walk);
    }
  });

  it('begins behind a transaction that it holds the end of only', () => {
    const walk = new Walk(to);
    const head = fixtureBytes(pathOf(name, 2));
    // What the source says at the start of a connection, then a relay file from the middle of a long transaction.
    walk.feed(nameOf(2), [head.subarray(0, (eventsOf(head)[2]?.at ?? 0) + (eventsOf(head)[2]?.header.size ?? 0))]);
    for (let number = 5; number <= 6; number++) walk.feed(nameOf(number), [fixtureBytes(pathOf(name, number))]);
    const [gtid] = eventsOf(fixtureBytes(pathOf(name, 6))).filter(
      ({ header }) => header.type === eventType.mariadbGtid,
    );
    expect(walk.run.from.position).toBe((gtid?.header.logPosition ?? 0) - (gtid?.header.size ?? 0));
    expectSourceBytes(name, walk);
  });

  it('is of no use behind an event that the source had compressed: the replica stores it unpacked', () => {
    const place = relayFixture('relay-compressed').from;
    const walk = walkRelay('relay-compressed', place);
    expect(walk.run).toMatchObject({ from: place, transactions: 1, defect: { kind: 'gap' } });
    expect(walk.run.defect?.text).toContain('compressed');
    expectSourceBytes('relay-compressed', walk);
    const behind = walkRelay('relay-compressed', relayFixture('relay-compressed').to);
    expect(behind.run).toMatchObject({ to: relayFixture('relay-compressed').to, transactions: 1 });
    expectSourceBytes('relay-compressed', behind);
  });
});

/** Relay files that were begun for their size name no file of the source; here the ones with a name are purged. */
describe('a relay log that does not name the source’s file', () => {
  const end = { file: from.file, position: fixtureBytes(`${name}.source.${from.file}`).length };
  const lastXid = { file: from.file, position: end.position - 41 };

  function walkFiles(first: number, last: number, received?: Coordinates): Walk {
    const walk = new Walk(lastXid, received);
    for (let number = first; number <= last; number++) {
      walk.feed(nameOf(number), [fixtureBytes(pathOf(name, number))]);
    }
    return walk;
  }

  it('is that of the file which its receiver reads, when it holds the place that this had come to', () => {
    const walk = walkFiles(4, 6, lastXid);
    const [gtid] = eventsOf(fixtureBytes(pathOf(name, 6))).filter(
      ({ header }) => header.type === eventType.mariadbGtid,
    );
    const start = (gtid?.header.logPosition ?? 0) - (gtid?.header.size ?? 0);
    expect(walk.run).toMatchObject({ from: { file: from.file, position: start }, to: lastXid, transactions: 1 });
    expect(expectSourceBytes(name, walk)).toBe(1);
  });

  it('goes on to the next file, which is named', () => {
    const walk = walkFiles(4, relayFiles, lastXid);
    expect(walk.run).toMatchObject({ to, completed: [{ file: from.file, end: end.position, next: to.file }] });
    expectSourceBytes(name, walk);
  });

  it('is nobody’s when that place is not in it, or nothing is known', () => {
    for (const received of [
      undefined,
      { ...lastXid, position: lastXid.position - 1 },
      { file: 'bin.000001', position: 2 ** 33 },
    ]) {
      const { walker } = walkFiles(4, 6, received);
      expect([walker.run, walker.isUnnamed, walker.isSettled]).toEqual([undefined, true, false]);
    }
  });

  it('is another’s when a file is named that does not follow', () => {
    for (const file of ['bin.000002', 'bin.000009']) {
      const walk = walkFiles(4, relayFiles, { file, position: lastXid.position });
      expect(walk.run.parts.map((part) => part.file)).toEqual([to.file]);
      expect(walk.run.to).toEqual(to);
      expectSourceBytes(name, walk);
    }
  });
});

describe('an annotation that is filled in', () => {
  it.each(['crc32', 'none'] as const)('is a sound event of exactly the missing size (checksum %s)', (checksum) => {
    for (const size of [23, 24, 68, 65_536, 65_537, 300_001]) {
      const position = 2 ** 32 - 30;
      const filler = { file: 'bin.000001', position, size, timestamp: 7, serverId: 9, checksum };
      const pieces = [...fillerPieces(filler)];
      expect(pieces.every((piece) => piece.length <= 65_536)).toBe(true);
      const event = Buffer.concat(pieces);
      const written = Buffer.alloc(size + 10, 1);
      writeFiller(filler, written, 5);
      expect(written.subarray(5, -5).equals(event)).toBe(true);
      expect(written.toString('hex', 0, 5) + written.toString('hex', size + 5)).toBe('01'.repeat(10));
      const seen: EventHeader[] = [];
      const scanner = new EventScanner({
        start: { kind: 'event', position, checksum },
        checkPositions: true,
        onEvent: (header) => void seen.push(header),
      });
      scanner.push(event);
      expect(scanner.problem).toBeUndefined();
      expect(scanner.position).toBe(position + size);
      expect(seen).toMatchObject([
        { type: 160, size, timestamp: 7, serverId: 9, logPosition: (position + size) % 2 ** 32 },
      ]);
      expect(isAnnotationFiller(event)).toBe(true);
    }
  });

  it('is not taken for one of the source', () => {
    const source = fixtureBytes(`${name}.source.${to.file}`);
    const real = eventsOf(source).filter(({ header }) => header.type === eventType.annotateRows);
    expect(real.length).toBeGreaterThan(0);
    expect(real.some(({ at }) => isAnnotationFiller(source.subarray(at)))).toBe(false);
  });
});
