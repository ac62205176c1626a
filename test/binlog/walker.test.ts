import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyGtidSet, formatGtidSet, parseGtidSet, unionGtidSets } from '../../src/model/gtid-mysql.js';
import { BinlogWalker, type WalkedEvent } from '../../src/binlog/walker.js';
import { nextFile } from '../../src/model/coordinates.js';
import { fixtureBytes, type ListedEvent, sourceFixture } from './fixture.js';
import { readHeader } from '../../src/binlog/header.js';

const mariadb = ['row', 'statement', 'blob', 'no-checksum', 'compressed', 'domains', 'load-data', 'rotated', 'stopped'];
const mysql9 = [
  'mysql9-row',
  'mysql9-statement',
  'mysql9-create-select',
  'mysql9-gtid',
  'mysql9-tagged',
  'mysql9-after-tagged',
  'mysql9-payload',
  'mysql9-no-checksum',
];
const mysql56 = ['mysql56-row', 'mysql56-statement', 'mysql56-gtid'];
const listed = [...mariadb, ...mysql9, ...mysql56];
const killed = ['killed', 'mysql9-killed', 'mysql56-killed'];
const walked = [...listed, ...killed];

interface Walk {
  readonly walker: BinlogWalker;
  readonly events: readonly WalkedEvent[];
}

function walk(file: string, bytes: Buffer, sizes: readonly number[] = []): Walk {
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

const outside = new Set(['Format_desc', 'Previous_gtids', 'Gtid_list', 'Binlog_checkpoint', 'Rotate', 'Stop']);
const isGtid = ({ type }: ListedEvent): boolean => /^(Anonymous_)?Gtid(_tagged_log_event)?$/.test(type);

/** Where the file may be cut, as the server's own list says: in front of GTIDs and of the file's own events. */
function cutsOf(name: string): readonly number[] {
  const { events } = sourceFixture(name);
  const starts = events.some(isGtid)
    ? events.filter((event) => isGtid(event) || outside.has(event.type)).map(({ position }) => position)
    : startsWithoutGtids(events);
  return [...starts.slice(1), events.at(-1)?.end ?? 0];
}

/** From BEGIN to Xid or COMMIT; else a lone statement with the variables in front of it. */
function startsWithoutGtids(events: readonly ListedEvent[]): readonly number[] {
  const starts: number[] = [];
  let isInside = false;
  let hasVariables = false;
  for (const { type, info, position } of events) {
    if (!isInside && !hasVariables) starts.push(position);
    hasVariables = !isInside && ['Intvar', 'User var', 'RAND'].includes(type);
    if (info === 'BEGIN') isInside = true;
    if (type === 'Xid' || /^(COMMIT|ROLLBACK)\b(?! TO)/.test(info)) isInside = false;
  }
  return starts;
}

function transactionsOf(name: string): number {
  const { events } = sourceFixture(name);
  if (events.some(isGtid)) return events.filter(isGtid).length;
  return startsWithoutGtids(events).length - events.filter(({ type }) => outside.has(type)).length;
}

function outcome({ walker }: Walk): unknown {
  const { verifiedUpTo, position, transactions, gtids, defect, next } = walker;
  return { verifiedUpTo, position, transactions, gtids, defect, next, atEnd: walker.defectAtEnd() };
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

  it.each(listed)('%s: it may be cut in front of GTIDs and of the file’s own events, and nowhere else', (name) => {
    const { events } = walk(sourceFixture(name).file, fixtureBytes(name));
    expect(events.filter(({ boundary }) => boundary).map((event) => event.end)).toEqual(cutsOf(name));
  });

  it.each(listed)('%s: transactions are counted as the server lists them', (name) => {
    const { walker } = walk(sourceFixture(name).file, fixtureBytes(name));
    expect(walker.transactions).toBe(transactionsOf(name));
  });

  it.each(listed)('%s: a replica comes to its end, but not behind the STOP of a server that was shut down', (name) => {
    const { file, end, events } = sourceFixture(name);
    const last = events.at(-1);
    expect(walk(file, fixtureBytes(name)).walker.reach).toBe(last?.type === 'Stop' ? last.position : end);
  });

  it('names the last GTID of each domain', () => {
    const { file, events } = sourceFixture('domains');
    const last = (domain: string): string =>
      events
        .findLast(({ type, info }) => type === 'Gtid' && info.includes(` ${domain}-`))
        ?.info.match(/\d+-\d+-\d+/)?.[0] ?? '';
    expect(walk(file, fixtureBytes('domains')).walker.gtids).toBe(`${last('0')},${last('3')}`);
  });

  it('gathers GTIDs of MySQL as a set, tags too', () => {
    for (const name of ['mysql9-gtid', 'mysql9-tagged', 'mysql9-payload', 'mysql56-gtid']) {
      const { file, events } = sourceFixture(name);
      const listedGtids = events.filter(isGtid).map(({ info }) => /'([^']+)'/.exec(info)?.[1] ?? '');
      const { walker } = walk(file, fixtureBytes(name));
      expect(walker.gtids).toBe(formatGtidSet(parseGtidSet(listedGtids.join(',')) ?? emptyGtidSet));
      expect(walker.gtids).not.toBe('');
    }
  });

  it('reads from a file’s head what was in the files before it', () => {
    const { file, executed = '' } = sourceFixture('mysql9-after-tagged');
    const { walker } = walk(file, fixtureBytes('mysql9-after-tagged'));
    const before = parseGtidSet(walker.gtidsBefore ?? '') ?? emptyGtidSet;
    const all = unionGtidSets(before, parseGtidSet(walker.gtids) ?? emptyGtidSet);
    expect(walker.gtidsBefore).toContain(':blue:1-2');
    expect(formatGtidSet(all)).toBe(formatGtidSet(parseGtidSet(executed) ?? emptyGtidSet));
    expect(walk('bin.000008', fixtureBytes('row')).walker.gtidsBefore).toMatch(/^0-11-\d+$/);
  });

  it('knows the file that follows a rotate, and after a stop', () => {
    for (const name of ['rotated', 'stopped']) {
      const { file } = sourceFixture(name);
      expect(walk(file, fixtureBytes(name)).walker.next).toBe(nextFile(file));
    }
  });

  it.each(killed)('%s: takes the file of a killed server, whose in-use flag is set', (name) => {
    const { file, end } = sourceFixture(name);
    const { walker } = walk(file, fixtureBytes(name));
    expect(walker.description?.readUInt16LE(17)).toBe(1);
    expect(walker.defectAtEnd()).toBeUndefined();
    expect(walker.verifiedUpTo).toBe(end);
    expect(walker.next).toBeUndefined();
  });
});

describe('any prefix, in any pieces', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 40 });

  it.each(listed.filter((name) => name !== 'blob'))(
    '%s: never ends inside a transaction nor behind its bytes',
    (name) => {
      const bytes = fixtureBytes(name);
      const cuts = cutsOf(name);
      const wrong: number[] = [];
      for (let length = 0; length <= bytes.length; length++) {
        const { walker } = walk('bin.000001', bytes.subarray(0, length));
        const reached = cuts.findLast((cut) => cut <= length) ?? 0;
        const isWhole = walker.defectAtEnd() === undefined;
        const fits = walker.verifiedUpTo === reached && walker.defect === undefined;
        if (!fits || isWhole !== (length === reached && length > 0)) wrong.push(length);
      }
      expect(wrong).toEqual([]);
    },
  );

  it.each(walked)('%s: comes to the same however the bytes are cut', (name) => {
    const bytes = fixtureBytes(name);
    fc.assert(
      fc.property(sizes, fc.integer({ min: 0, max: bytes.length }), (pieces, length) => {
        const prefix = bytes.subarray(0, length);
        expect(outcome(walk('bin.000001', prefix, pieces))).toEqual(outcome(walk('bin.000001', prefix)));
      }),
    );
  });

  it.each(walked)('%s: verifies no further than it was given, and only forward', (name) => {
    const bytes = fixtureBytes(name);
    fc.assert(
      fc.property(sizes, (pieces) => {
        const walker = new BinlogWalker({ file: 'bin.000001' });
        let at = 0;
        const reached = [0];
        for (const size of pieces) {
          walker.push(bytes.subarray(at, at + size));
          at = Math.min(at + size, bytes.length);
          reached.push(walker.verifiedUpTo);
          expect(walker.verifiedUpTo).toBeLessThanOrEqual(at);
        }
        expect(reached).toEqual(reached.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('a spoilt file', () => {
  it.each(walked.filter((name) => !name.endsWith('no-checksum')))(
    '%s: a flipped bit is found, and nothing from it on is verified',
    (name) => {
      const bytes = fixtureBytes(name);
      fc.assert(
        fc.property(fc.integer({ min: 4, max: bytes.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
          // Bit 0 of the first event's flags says whether the file is open; checksums leave it out.
          fc.pre(!(at === 4 + 17 && bit === 0));
          const spoilt = Buffer.from(bytes);
          spoilt.writeUInt8(spoilt.readUInt8(at) ^ (1 << bit), at);
          const { walker } = walk('bin.000001', spoilt);
          expect(walker.defectAtEnd()).toBeDefined();
          expect(walker.verifiedUpTo).toBeLessThanOrEqual(at);
        }),
        { numRuns: 200 },
      );
    },
  );

  it('without checksums: a wrong size or position is found', () => {
    const bytes = fixtureBytes('no-checksum');
    const { events } = sourceFixture('no-checksum');
    for (const { position } of events.slice(1)) {
      for (const offset of [9, 10, 11, 12, 13, 14, 15, 16]) {
        const spoilt = Buffer.from(bytes);
        spoilt.writeUInt8(spoilt.readUInt8(position + offset) ^ 4, position + offset);
        const { walker } = walk('bin.000001', spoilt);
        expect(walker.defectAtEnd()).toBeDefined();
        expect(walker.verifiedUpTo).toBeLessThanOrEqual(position);
      }
    }
  });

  it('ends where zeros begin', () => {
    const bytes = fixtureBytes('row');
    const { walker } = walk(
      'bin.000001',
      Buffer.concat([bytes.subarray(0, sourceFixture('row').end), Buffer.alloc(5000)]),
    );
    expect(walker.defect).toMatchObject({ kind: 'torn', at: { position: sourceFixture('row').end } });
    expect(walker.verifiedUpTo).toBe(sourceFixture('row').end);
  });

  it('goes no further when a transaction begins inside of another', () => {
    const bytes = fixtureBytes('row');
    const { events } = sourceFixture('row');
    const [first, second] = events.filter(({ type }) => type === 'Gtid');
    if (first === undefined || second === undefined) throw new Error('two transactions are needed');
    const { walker } = walk(
      'bin.000001',
      Buffer.concat([bytes.subarray(0, first.end), bytes.subarray(second.position)]),
    );
    expect(walker.defect).toMatchObject({ kind: 'torn', at: { position: first.end } });
    expect(walker.verifiedUpTo).toBe(first.position);
  });

  it.each([
    ['encrypted by MySQL', Buffer.from('fd62696e0000', 'hex'), 'encrypted', 0],
    ['something else', Buffer.from('PK\u0003\u0004....'), 'not-a-binlog', 0],
    [
      'without a description',
      Buffer.concat([fixtureBytes('no-checksum').subarray(0, 4), fixtureBytes('no-checksum').subarray(256)]),
      'not-a-binlog',
      4,
    ],
  ])('refuses a file %s', (_, bytes, kind, position) => {
    const { walker } = walk('bin.000001', bytes);
    expect(walker.defect).toMatchObject({ kind, at: { file: 'bin.000001', position } });
    expect(walker.verifiedUpTo).toBe(0);
  });

  it('refuses what MariaDB encrypted, behind the readable head', () => {
    const { walker } = walk('bin.000001', fixtureBytes('encrypted'));
    const head = 4 + readHeader(fixtureBytes('encrypted'), 4).size;
    expect(walker.defect).toMatchObject({ kind: 'encrypted', at: { position: head } });
    expect(walker.transactions).toBe(0);
  });

  it('goes on where the event that begins encryption says that it may be ignored: a copy in clear', () => {
    const clear = fixtureBytes('encrypted-in-clear');
    const { walker } = walk('bin.000001', clear);
    expect(walker.defectAtEnd()).toBeUndefined();
    expect(walker.verifiedUpTo).toBe(clear.length);
    expect(walker.transactions).toBeGreaterThan(0);
  });

  it.each([Buffer.alloc(0), Buffer.from([0xfe, 0x62])])('takes a file of %j for torn at its start', (bytes) => {
    expect(walk('bin.000001', bytes).walker.defectAtEnd()).toMatchObject({ kind: 'torn', at: { position: 0 } });
  });
});

describe('from inside a file', () => {
  it.each(listed)('%s: from each place where it may be cut, the rest is the same', (name) => {
    const bytes = fixtureBytes(name);
    const { file, events } = sourceFixture(name);
    const description = walk(file, bytes).walker.description ?? Buffer.alloc(0);
    for (const position of cutsOf(name)) {
      const walker = new BinlogWalker({ file, startAt: { position, description } });
      walker.push(bytes.subarray(position));
      expect(walker.defectAtEnd()).toBeUndefined();
      expect(walker.verifiedUpTo).toBe(bytes.length);
      if (!events.some(isGtid)) continue;
      expect(walker.transactions).toBe(events.filter((event) => isGtid(event) && event.position >= position).length);
    }
  });

  // MySQL 5.6 without GTIDs marks nothing by which one could know; there a walk must begin at a boundary.
  it.each([...mariadb, ...mysql9])('%s: from inside a transaction, it verifies only ends of whole ones', (name) => {
    const bytes = fixtureBytes(name);
    const { file, events } = sourceFixture(name);
    const cuts = cutsOf(name);
    const description = walk(file, bytes).walker.description ?? Buffer.alloc(0);
    for (const { position } of events.slice(1)) {
      const walker = new BinlogWalker({ file, startAt: { position, description } });
      const reached = new Set<number>();
      for (let at = position; at < bytes.length; at += 64) {
        walker.push(bytes.subarray(at, at + 64));
        reached.add(walker.verifiedUpTo);
      }
      expect([...reached].filter((at) => at !== position && !cuts.includes(at))).toEqual([]);
    }
  });

  it('counts positions beyond 4 GiB, where the events’ own have wrapped', () => {
    const bytes = fixtureBytes('no-checksum');
    const { events } = sourceFixture('no-checksum');
    const from = events.find(({ type }) => type === 'Gtid')?.position ?? 0;
    const description = walk('bin.000001', bytes).walker.description ?? Buffer.alloc(0);
    const position = from + 2 ** 32;
    const walker = new BinlogWalker({ file: 'bin.000001', startAt: { position, description } });
    walker.push(bytes.subarray(from));
    expect(walker.defectAtEnd()).toBeUndefined();
    expect(walker.verifiedUpTo).toBe(bytes.length + 2 ** 32);
  });
});
