import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseListing } from '../../src/recovery/listing.js';
import { listCommand, logPlace, openTailCommand, rangeCommand } from '../../src/recovery/tail-command.js';
import { LocalDoor } from './local-door.js';

const nasty = 'it\'s $(touch owned) `x` "q" \\ ; & dir';
let folder = '';
const door = new LocalDoor();
const place = () => logPlace(join(folder, nasty, "my'sql $x-bin"));

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mha-recovery-'));
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(folder, nasty));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, nasty, name), text);
  };
  file("my'sql $x-bin.000001", 'first');
  file("my'sql $x-bin.000002", 'abcdefghijklmnopqrstuvwxyz');
  file("my'sql $x-bin.index", 'not this');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('the commands that read a binary log', () => {
  it('list files and sizes whatever the directory is called', async () => {
    const { stdout, code } = await door.run(listCommand(place()));
    expect(code).toBe(0);
    expect(parseListing(stdout, place().baseName).map((item) => item.size)).toEqual([5, 26]);
  });

  it('list without a stat that knows formats', async () => {
    const { stdout } = await door.run(`stat() { return 1; }; ${listCommand(place())}`);
    expect(parseListing(stdout, place().baseName).map((item) => item.size)).toEqual([5, 26]);
  });

  it('fail with 66 when the directory cannot be entered', async () => {
    expect((await door.run(listCommand(logPlace('/nowhere/at/all/bin')))).code).toBe(66);
  });

  it('open a tail: listing, size, head and the bytes from the position on', async () => {
    const { stdout } = await door.run(openTailCommand(place(), "my'sql $x-bin.000002", 20));
    expect(stdout.slice(stdout.indexOf('\n. ') + 1)).toBe('. 26\nabcdefghijklmnopqrstuvwxyzuvwxyz');
  });

  it('keep to an exclusive end', async () => {
    const { stdout } = await door.run(openTailCommand(place(), "my'sql $x-bin.000002", 20, 22));
    expect(stdout.endsWith('xyzuv')).toBe(true);
  });

  it('send the head alone when the position is behind the end', async () => {
    const { stdout, code } = await door.run(openTailCommand(place(), "my'sql $x-bin.000002", 27));
    expect(code).toBe(0);
    expect(stdout.endsWith('. 26\nabcdefghijklmnopqrstuvwxyz')).toBe(true);
  });

  it('say that a file is missing', async () => {
    const { stdout } = await door.run(openTailCommand(place(), "my'sql $x-bin.000003", 4));
    expect(stdout.endsWith('. missing\n')).toBe(true);
  });

  it('read a range, from the start and from the middle', async () => {
    expect((await door.run(rangeCommand(place(), "my'sql $x-bin.000002", 0, 3))).stdout).toBe('abc');
    expect((await door.run(rangeCommand(place(), "my'sql $x-bin.000002", 3, 3))).stdout).toBe('def');
    expect((await door.run(rangeCommand(place(), "my'sql $x-bin.000009", 3, 3))).code).not.toBe(0);
  });
});
