import { describe, expect, it } from 'vitest';
import { makeFakeRotate, parseRotate } from '../../src/binlog/rotate.js';
import { hasRightChecksum } from '../../src/binlog/checksum.js';
import { readHeader } from '../../src/binlog/header.js';
import { readGtid } from '../../src/binlog/gtid-collector.js';
import { GtidCollector } from '../../src/binlog/gtid-collector.js';
import { readGtidSet } from '../../src/binlog/previous-gtids.js';
import { parseTaggedGtid } from '../../src/binlog/tagged-gtid.js';
import { formatGtidSet } from '../../src/model/gtid-mysql.js';

const uuid = '3e11fa47-71ca-11e1-9e33-c80aa9429562';
const uuidBytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');

function event(type: number, body: Buffer): Buffer {
  const header = Buffer.alloc(19);
  header.writeUInt8(type, 4);
  header.writeUInt32LE(19 + body.length, 9);
  return Buffer.concat([header, body]);
}

/** The server's variable-length integer: trailing 1-bits of the first byte count the bytes that follow. */
function varint(value: bigint): Buffer {
  for (let more = 0; more < 8; more++) {
    if (value >= 1n << BigInt(7 * (more + 1))) continue;
    let left = (value << BigInt(more + 1)) | ((1n << BigInt(more)) - 1n);
    return Buffer.from(
      Array.from({ length: more + 1 }, () => {
        const byte = Number(left & 255n);
        left >>= 8n;
        return byte;
      }),
    );
  }
  const wide = Buffer.alloc(9, 0xff);
  wide.writeBigUInt64LE(value, 1);
  return wide;
}

function taggedBody(number: bigint, tag: string): Buffer {
  return Buffer.concat([
    ...[1n, 60n, 11n, 0n, 1n, 1n].map(varint),
    ...Array.from(uuidBytes, (byte) => varint(BigInt(byte))),
    varint(2n),
    varint(number << 1n),
    varint(3n),
    varint(BigInt(tag.length)),
    Buffer.from(tag),
    varint(4n),
  ]);
}

describe('GTID events', () => {
  it.each([1n, 63n, 64n, 8191n, 8192n, 2n ** 40n, 2n ** 62n])('tagged: reads number %s', (number) => {
    expect(parseTaggedGtid(event(42, taggedBody(number, 'blue')))).toEqual({ track: `${uuid}:blue`, number });
  });

  it('tagged: without a tag it is the server’s own track', () => {
    expect(parseTaggedGtid(event(42, taggedBody(7n, '')))).toEqual({ track: uuid, number: 7n });
  });

  it('tagged: cut anywhere before its tag ends, it is none', () => {
    const whole = event(42, taggedBody(300n, 'blue'));
    for (let length = 19; length < whole.length - 1; length++) {
      expect(parseTaggedGtid(whole.subarray(0, length))).toBeUndefined();
    }
  });

  it('plain: reads UUID and number; anonymous ones have none', () => {
    const body = Buffer.concat([Buffer.from([1]), uuidBytes, Buffer.alloc(17)]);
    body.writeBigInt64LE(123456789012345n, 17);
    const plain = event(33, body);
    expect(readGtid(readHeader(plain, 0), plain)).toEqual({
      family: 'mysql',
      gtid: { track: uuid, number: 123456789012345n },
    });
    const anonymous = event(34, body);
    expect(readGtid(readHeader(anonymous, 0), anonymous)).toBeUndefined();
  });

  it('are gathered as a set, in whatever order they come', () => {
    const collector = new GtidCollector();
    for (const number of [1n, 2n, 3n, 7n, 5n, 4n]) collector.add({ family: 'mysql', gtid: { track: uuid, number } });
    expect(collector.format()).toBe(`${uuid}:1-5:7`);
  });
});

describe('binary GTID sets', () => {
  const number = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(value);
    return bytes;
  };

  it('are read with exclusive ends', () => {
    const bytes = Buffer.concat([number(1n), uuidBytes, ...[2n, 1n, 6n, 9n, 10n].map(number)]);
    const set = readGtidSet(bytes, 0, bytes.length);
    expect(set && formatGtidSet(set)).toBe(`${uuid}:1-5:9`);
    for (let end = 0; end < bytes.length; end++) expect(readGtidSet(bytes, 0, end)).toBeUndefined();
  });

  it('are read with tags', () => {
    const bytes = Buffer.concat([
      number((1n << 56n) | (2n << 8n) | 1n),
      uuidBytes,
      Buffer.from([0]),
      ...[1n, 1n, 4n].map(number),
      uuidBytes,
      Buffer.from([8]),
      Buffer.from('blue'),
      ...[1n, 2n, 3n].map(number),
    ]);
    const set = readGtidSet(bytes, 0, bytes.length);
    expect(set && formatGtidSet(set)).toBe(`${uuid}:1-3,${uuid}:blue:2`);
  });
});

describe('rotate events', () => {
  it.each(['crc32', 'none'] as const)('are read as they are made (%s), beyond 4 GiB too', (algorithm) => {
    const to = { file: 'bin.000123', position: 2 ** 33 + 5 };
    const made = makeFakeRotate(to, 7, algorithm);
    expect(parseRotate(made, algorithm)).toEqual(to);
    expect(readHeader(made, 0)).toMatchObject({
      timestamp: 0,
      type: 4,
      serverId: 7,
      size: made.length,
      logPosition: 0,
      flags: 0x20,
    });
    if (algorithm === 'crc32') expect(hasRightChecksum(made, 0, made.length)).toBe(true);
  });
});
