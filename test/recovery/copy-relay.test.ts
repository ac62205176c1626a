import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/binlog/ledger.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import { serverId } from '../../src/model/settings.js';
import type { SavedRange } from '../../src/ports/recovery.js';
import { copyRelay } from '../../src/recovery/copy-relay.js';
import { relayFixture } from '../binlog/fixture.js';
import { LocalDoor } from './local-door.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/binlog/${name}`, import.meta.url));

let folder = '';
let door = new LocalDoor();
let ledger = new Ledger();

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mha-relay-'));
  mkdirSync(join(folder, "replica's data"));
  mkdirSync(join(folder, 'run'));
  door = new LocalDoor();
  ledger = new Ledger();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A replica's data directory with the relay files of a fixture, in an index with the server's relative names. */
function replica(name: string, first = 1, last = relayFixture(name).relayFiles): void {
  const names: string[] = [];
  for (let number = first; number <= last; number++) {
    names.push(`./relay.${String(number).padStart(6, '0')}`);
    copyFileSync(fixture(`${name}.${String(number)}.bin`), join(folder, "replica's data", names.at(-1) ?? ''));
  }
  writeFileSync(join(folder, "replica's data", 'relay.index'), `${names.join('\n')}\n`);
}

interface Options {
  readonly index?: string;
  readonly received?: Coordinates;
  readonly hasRoomFor?: (bytes: number) => boolean;
}

function copy(from: Coordinates, options: Options = {}): Promise<SavedRange> {
  const request = {
    host: serverId('a', 3306),
    relayLogIndex: options.index ?? 'relay.index',
    relayLogBase: join(folder, "replica's data", 'relay'),
    dataDir: join(folder, "replica's data"),
    replicaServerId: 22,
    from,
    ...(options.received === undefined ? {} : { received: options.received }),
  };
  const parts = {
    door,
    ledger,
    folder: join(folder, 'run'),
    hasRoomFor: (bytes: number) => Promise.resolve(options.hasRoomFor?.(bytes) ?? true),
    onPiece: () => undefined,
  };
  return copyRelay(request, parts, new AbortController().signal);
}

const copied = (): number => door.commands.filter((command) => !command.includes('while')).length;

describe('copying a relay log', () => {
  it("holds the source's own bytes at the source's own places", async () => {
    const { from, to } = relayFixture('relay');
    replica('relay');
    const range = await copy(from);
    expect(range).toMatchObject({ from, to, transactions: 5 });
    expect(range.defect).toBeUndefined();
    const extent = ledger.extentAt(to);
    expect(extent?.path.startsWith(join(folder, 'run'))).toBe(true);
    const kept = readFileSync(extent?.path ?? '');
    const source = readFileSync(fixture(`relay.source.${to.file}`));
    const length = (extent?.to ?? 0) - (extent?.from ?? 0);
    expect(kept.subarray(extent?.offset, (extent?.offset ?? 0) + length)).toEqual(
      source.subarray(extent?.from, extent?.to),
    );
    expect(ledger.reachFrom(from)).toEqual(to);
  });

  it('copies the files that are needed only', async () => {
    const { to } = relayFixture('relay');
    replica('relay');
    const range = await copy({ file: to.file, position: to.position - 1 });
    expect(range.to).toEqual(to);
    expect(copied()).toBeLessThan(relayFixture('relay').relayFiles);
    expect(range.files).toHaveLength(copied());
  });

  it('finds the index by the base name and in another directory', async () => {
    const { from, to } = relayFixture('relay');
    replica('relay');
    expect((await copy(from, { index: '' })).to).toEqual(to);
    const elsewhere = join(folder, 'aside.index');
    copyFileSync(join(folder, "replica's data", 'relay.index'), elsewhere);
    expect((await copy(from, { index: elsewhere })).to).toEqual(to);
  });

  it('says how far back it reaches when that is not enough, and still holds what is there', async () => {
    const { from, to } = relayFixture('relay');
    replica('relay');
    const range = await copy({ file: from.file, position: 4 });
    expect(range).toMatchObject({ from, to, defect: { kind: 'gap', at: { position: 4 } } });
    expect(ledger.extentAt(to)).toBeDefined();
  });

  it('ends at a hole', async () => {
    const { from } = relayFixture('relay-hole');
    replica('relay-hole');
    const range = await copy(from);
    expect(range.defect?.kind).toBe('gap');
    expect(ledger.reachFrom(from)).toEqual(range.to);
  });

  it('does without files that the applier has removed meanwhile', async () => {
    const { to } = relayFixture('relay');
    replica('relay');
    rmSync(join(folder, "replica's data", 'relay.000001'));
    expect((await copy({ file: to.file, position: 4 })).to).toEqual(to);
  });

  it('does not fill up the disk', async () => {
    replica('relay');
    const range = await copy(relayFixture('relay').from, { hasRoomFor: () => false });
    expect(range).toMatchObject({ bytes: 0, files: [] });
    expect(range.defect?.text).toContain('no room');
  });

  it('fills in the annotations that the replica had not asked for, as far as there is room for them', async () => {
    const { from, to } = relayFixture('relay-annotated');
    replica('relay-annotated');
    const range = await copy(from);
    expect(range).toMatchObject({ from, to });
    expect(range.defect).toBeUndefined();
    expect(range.files).toHaveLength(2);
    expect(ledger.reachFrom(from)).toEqual(to);

    ledger = new Ledger();
    const asked: number[] = [];
    const full = await copy(from, { hasRoomFor: (bytes) => asked.push(bytes) < 2 });
    expect(asked).toHaveLength(2);
    expect(full).toMatchObject({ to: from, bytes: 0, files: [], defect: { kind: 'unreadable' } });
    expect(full.defect?.text).toContain('no room');
    expect(ledger.start()).toBeUndefined();
    expect(readdirSync(join(folder, 'run'))).toHaveLength(2);
  });

  it("uses relay files that name no file of the source when it knows the receiver's place", async () => {
    const place = { file: 'bin.000001', position: 92_507 };
    replica('relay-annotated', 3, 6);
    expect((await copy(place)).defect?.text).toContain("does not say which of the source's files");
    const range = await copy(place, { received: place });
    expect(range).toMatchObject({ to: place, transactions: 1 });
    expect(range.defect).toBeUndefined();
    expect(ledger.reachFrom(range.from)).toEqual(place);
  });

  it('throws when there is no index', async () => {
    await expect(copy(relayFixture('relay').from)).rejects.toMatchObject({ code: 'SSH_COMMAND_FAILED' });
  });
});
