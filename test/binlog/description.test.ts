import { describe, expect, it } from 'vitest';
import { clearInUse, isSoundDescription, parseDescription, rewriteDescription } from '../../src/binlog/description.js';
import { fixtureBytes } from './fixture.js';

function descriptionOf(name: string): Buffer {
  const bytes = fixtureBytes(name);
  return bytes.subarray(4, 4 + bytes.readUInt32LE(4 + 9));
}

function isSound(event: Buffer): boolean {
  const description = parseDescription(event);
  return description !== undefined && isSoundDescription(event, description);
}

describe('the format description', () => {
  it('says how the file is built', () => {
    expect(parseDescription(descriptionOf('killed'))).toMatchObject({
      vendor: 'mariadb',
      serverId: 11,
      headerLength: 19,
      checksum: 'crc32',
      inUse: true,
      announcesTransactions: true,
    });
    expect(parseDescription(descriptionOf('no-checksum'))).toMatchObject({ checksum: 'none' });
    expect(parseDescription(descriptionOf('rotated'))).toMatchObject({ checksum: 'crc32', inUse: false });
    expect(parseDescription(descriptionOf('row'))?.serverVersion).toMatch(/^10\.\d+\.\d+-MariaDB/);
  });

  it.each(['row', 'killed', 'no-checksum'])(
    '%s: stays sound with its in-use flag off and with changed fields',
    (name) => {
      const stored = descriptionOf(name);
      expect(isSound(stored)).toBe(true);
      const cleared = clearInUse(stored);
      expect(cleared.readUInt16LE(17) & 1).toBe(0);
      expect(cleared.subarray(19).equals(stored.subarray(19))).toBe(true);
      const sent = rewriteDescription(stored, { logPosition: 0, created: 0 });
      expect(isSound(sent)).toBe(true);
      expect([sent.readUInt32LE(13), parseDescription(sent)?.created, parseDescription(sent)?.inUse]).toEqual([
        0,
        0,
        false,
      ]);
      expect(isSound(descriptionOf(name))).toBe(true);
    },
  );

  it('does not change when nothing is asked for but the flag', () => {
    const stored = descriptionOf('killed');
    expect(rewriteDescription(stored, {}).equals(clearInUse(stored))).toBe(true);
  });

  it.each<[string, (event: Buffer) => void]>([
    ['another event', (event) => event.writeUInt8(2, 4)],
    ['another format', (event) => event.writeUInt16LE(3, 19)],
    ['an unknown checksum', (event) => event.writeUInt8(2, event.length - 5)],
    ['a longer header', (event) => event.writeUInt8(20, 19 + 56)],
    ['another length', (event) => event.writeUInt32LE(event.length + 1, 9)],
  ])('does not take %s for one', (_, spoil) => {
    const event = Buffer.from(descriptionOf('row'));
    spoil(event);
    expect(parseDescription(event)).toBeUndefined();
  });

  it.each([
    ['5.6.24-log', 'mysql', false],
    ['5.7.44', 'mysql', true],
    ['9.7.4', 'mysql', true],
    ['5.5.68-MariaDB', 'mariadb', false],
    ['5.5.5-10.11.19-MariaDB-log', 'mariadb', true],
    ['11.4.2-MariaDB', 'mariadb', true],
  ])('%s: %s, each transaction announced: %s', (version, vendor, announcesTransactions) => {
    const event = Buffer.from(descriptionOf('row'));
    event.fill(0, 21, 71);
    event.write(version, 21);
    expect(parseDescription(event)).toMatchObject({ serverVersion: version, vendor, announcesTransactions });
  });
});

/** As mysqld 5.5 begins each of its files; the lengths are those of its 27 types of events. */
function descriptionOf55(): Buffer {
  const lengths = '380d0008001200040404041200005400041a0800000008080802' + '00';
  const event = Buffer.alloc(103);
  event.writeUInt32LE(1_400_000_000, 0);
  event.writeUInt8(15, 4);
  event.writeUInt32LE(1, 5);
  event.writeUInt32LE(103, 9);
  event.writeUInt32LE(107, 13);
  event.writeUInt16LE(1, 17);
  event.writeUInt16LE(4, 19);
  event.write('5.5.62-log', 21, 'latin1');
  event.writeUInt8(19, 75);
  event.fill(Buffer.from(lengths, 'hex'), 76);
  return event;
}

describe('the format description of MySQL 5.5, which knows no checksums', () => {
  it('is understood, and sent as long as it is', () => {
    const stored = descriptionOf55();
    expect(parseDescription(stored)).toMatchObject({
      vendor: 'mysql',
      serverVersion: '5.5.62-log',
      checksum: 'none',
      namesChecksum: false,
      announcesTransactions: false,
    });
    expect(isSound(stored)).toBe(true);
    const sent = rewriteDescription(stored, { created: 0 });
    expect(sent.subarray(76).equals(stored.subarray(76))).toBe(true);
    expect(parseDescription(sent)).toMatchObject({ created: 0, inUse: false });
  });

  it('of another length is none', () => {
    const longer = Buffer.concat([descriptionOf55(), Buffer.alloc(1)]);
    longer.writeUInt32LE(104, 9);
    expect(parseDescription(longer)).toBeUndefined();
  });
});
