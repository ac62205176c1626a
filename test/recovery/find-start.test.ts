import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import { findStart, newestIndex } from '../../src/recovery/find-start.js';
import { gtidList, makeDescription, makeEvent } from '../binlog/source/made-log.js';
import { LocalDoor } from './local-door.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mha-start-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const magic = Buffer.from('\xfebin', 'latin1');

function putMariadb(number: number, ...list: readonly (readonly [number, number, bigint])[]): void {
  const description = makeDescription('10.11.14-MariaDB-log', 'crc32');
  const [type, body] = gtidList(...list);
  const head = makeEvent(type, body, 4 + description.length, 'crc32');
  put(number, Buffer.concat([magic, description, head]));
}

/** PREVIOUS_GTIDS of one server's transactions 1 to `last`, perhaps in many intervals. */
function putMysql(number: number, last: bigint, intervals = 1): void {
  const description = makeDescription('9.7.4', 'crc32');
  const body = Buffer.alloc(8 + 16 + 8 + 16 * intervals);
  body.writeBigUInt64LE(last === 0n ? 0n : 1n, 0);
  body.fill(0xaa, 8, 24);
  body.writeBigUInt64LE(BigInt(intervals), 24);
  for (let i = 0; i < intervals; i++) {
    const first = i === 0 ? 1n : last + BigInt(i) * 2n;
    body.writeBigInt64LE(first, 32 + 16 * i);
    body.writeBigInt64LE(i === 0 ? last + 1n : first + 1n, 40 + 16 * i);
  }
  const event = makeEvent(35, last === 0n ? body.subarray(0, 8) : body, 4 + description.length, 'crc32');
  put(number, Buffer.concat([magic, description, event]));
}

function put(number: number, bytes: Buffer): void {
  writeFileSync(join(folder, `bin.${String(number).padStart(6, '0')}`), bytes);
}

const uuid = 'aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa';
const door = new LocalDoor();

async function start(family: 'mysql' | 'mariadb', held: string): Promise<string | undefined> {
  const request = { host: serverId('a', 3306), binlogBase: join(folder, 'bin'), family, held };
  return (await findStart(request, door, new AbortController().signal))?.file;
}

describe('the file from which a server must be served', () => {
  it('is the newest one before which it lacks nothing (MySQL)', async () => {
    putMysql(1, 0n);
    putMysql(2, 10n);
    putMysql(3, 20n);
    putMysql(4, 30n);
    expect(await start('mysql', `${uuid}:1-35`)).toBe('bin.000004');
    expect(await start('mysql', `${uuid}:1-30`)).toBe('bin.000004');
    expect(await start('mysql', `${uuid}:1-29`)).toBe('bin.000003');
    expect(await start('mysql', `${uuid}:1-9:11-40`)).toBe('bin.000001');
    expect(await start('mysql', '')).toBe('bin.000001');
    rmSync(join(folder, 'bin.000001'));
    expect(await start('mysql', `${uuid}:1-9`)).toBeUndefined();
  });

  it('is found though the head is larger than the first piece that is read', async () => {
    putMysql(1, 0n);
    putMysql(2, 10n, 6000);
    expect(await start('mysql', `${uuid}:1-10`)).toBe('bin.000001');
    expect(await start('mysql', `${uuid}:1-100000`)).toBe('bin.000002');
  });

  it('is found without reading more of a long file than its head can be', async () => {
    putMysql(1, 10n, 6000);
    truncateSync(join(folder, 'bin.000001'), 20 * 1024 * 1024);
    door.commands.length = 0;
    await start('mysql', `${uuid}:1-100000`);
    const read = door.commands.flatMap((command) => Number(/head -c (\d+)/.exec(command)?.[1] ?? 0));
    expect(Math.max(...read)).toBeLessThan(2 * 1024 * 1024);
    expect(await start('mysql', `${uuid}:1-100000`)).toBe('bin.000001');
  });

  it('is the newest one whose list it has reached in every domain (MariaDB)', async () => {
    putMariadb(1);
    putMariadb(2, [0, 1, 10n]);
    putMariadb(3, [0, 1, 20n], [1, 1, 5n]);
    expect(await start('mariadb', '0-1-25,1-1-5')).toBe('bin.000003');
    expect(await start('mariadb', '0-1-25')).toBe('bin.000002');
    expect(await start('mariadb', '0-1-9,1-1-9')).toBe('bin.000001');
    expect(await start('mariadb', '')).toBe('bin.000001');
  });

  it('is searched with few looks, and none is missed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3000 }), fc.integer({ min: -1, max: 3000 }), async (count, last) => {
        let looks = 0;
        const found = await newestIndex(count, (index) => {
          looks += 1;
          return Promise.resolve(index <= last);
        });
        expect(found).toBe(count === 0 || last < 0 ? undefined : Math.min(last, count - 1));
        expect(looks).toBeLessThanOrEqual(2 + 2 * Math.ceil(Math.log2(count + 2)));
      }),
    );
  });
});
