import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import type { FoundCopy } from '../../src/ports/recovery.js';
import { findCopy } from '../../src/recovery/find-copy.js';
import { makeDescription } from '../binlog/source/made-log.js';
import { LocalDoor } from './local-door.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mha-copy-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const head = Buffer.concat([Buffer.from('\xfebin', 'latin1'), makeDescription('10.11.14-MariaDB-log', 'crc32')]);

/** The server that makes descriptions here has the id 1. */
function put(directory: string, name: string, size: number): void {
  mkdirSync(join(folder, directory), { recursive: true });
  writeFileSync(
    join(folder, directory, name),
    Buffer.concat([head, Buffer.alloc(Math.max(size, head.length))]).subarray(0, size),
  );
}

function look(directories: readonly string[], id = 1): Promise<FoundCopy> {
  const request = {
    host: serverId('x', 3306),
    directories: directories.map((directory) => join(folder, directory)),
    name: 'bin',
    serverId: id,
  };
  return findCopy(request, new LocalDoor(), new AbortController().signal);
}

async function found(directories: readonly string[]): Promise<unknown> {
  const copy = await look(directories);
  return copy.found ? { base: copy.log.binlogBase, end: copy.log.end } : copy.why;
}

describe('the copy of a log on a host', () => {
  it('ends where its newest file ends, by number', async () => {
    put('c', 'bin.999999', 900);
    put('c', 'bin.1000000', 300);
    put('c', 'bin.index', 400);
    put('c', 'other.1000001', 500);
    expect(await found(['c/'])).toEqual({ base: join(folder, 'c/bin'), end: { file: 'bin.1000000', position: 300 } });
  });

  it('is looked for in each directory, and the furthest one is taken', async () => {
    put('b', 'bin.000003', 300);
    put('c', 'bin.000003', 400);
    mkdirSync(join(folder, 'empty'));
    expect(await found(['gone', 'b', 'c', 'empty'])).toMatchObject({ base: join(folder, 'c/bin') });
  });

  it('is not held up by a file that was just begun', async () => {
    put('c', 'bin.000003', 300);
    put('c', 'bin.000004', 0);
    expect(await found(['c'])).toMatchObject({ end: { file: 'bin.000003', position: 300 } });
  });

  it('is none where another server wrote it', async () => {
    put('c', 'bin.000003', 300);
    const copy = await look(['c'], 2);
    expect(copy).toEqual({ found: false, why: expect.stringContaining('the server with the id 1, not 2') as string });
    expect(await look(['c'], 0)).toMatchObject({ found: true });
  });

  it('says what is wrong where there is none', async () => {
    mkdirSync(join(folder, 'empty'));
    const why = await found(['gone', 'empty']);
    expect(why).toContain(join(folder, 'gone'));
    expect(why).toContain(`${join(folder, 'empty')} holds no file of the name bin.NUMBER`);
  });
});
