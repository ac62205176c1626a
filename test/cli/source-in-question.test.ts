import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { recallSource } from '../../src/cli/source-in-question.js';
import { deriveTopology } from '../../src/failover/preflight/topology.js';
import { localDoor } from '../monitor/support/local-door.js';
import { cluster, id } from '../support/picture.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'recall-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A log's first bytes: the magic number, time, type of event, server. */
function beginning(serverId: number, magic = 0xfe): Buffer {
  const bytes = Buffer.alloc(23);
  bytes.set([magic, 0x62, 0x69, 0x6e]);
  bytes.writeUInt32LE(serverId, 9);
  return bytes;
}

async function directory(name: string, files: Readonly<Record<string, Buffer>>): Promise<string> {
  const path = join(folder, name);
  await mkdir(path);
  for (const [file, bytes] of Object.entries(files)) await writeFile(join(path, file), bytes);
  return path;
}

/** The same of a file that a replica keeps for its applier. */
function relayBeginning(serverId: number): Buffer {
  const bytes = beginning(serverId);
  bytes[21] = 0x40;
  return bytes;
}
/** Where the log of a dead server 70000 is looked for, of which a replica was reading `bin.000042`. */
async function find(...binlogDirs: readonly string[]): Promise<string | undefined> {
  const received = { file: 'bin.000042', position: 4 };
  const { settings, picture } = cluster()
    .source('a', { settings: { binlogDirs } })
    .replica('b', { channel: { received, sourceServerId: 70_000 } })
    .dead('a')
    .build();
  const verdict = deriveTopology(settings, picture);
  return (await recallSource(id('a'), verdict, picture, settings, localDoor())).binlogBase;
}

it('a dead source’s log is not the neighbour’s of the same name', async () => {
  const neighbour = await directory('neighbour', { 'bin.000041': beginning(70_000), 'bin.000042': beginning(2) });
  const own = await directory('own', { 'bin.000042': beginning(70_000) });
  expect(await find(neighbour, own)).toBe(`${own}/bin`);
  const purged = await directory('purged', { 'bin.000043': beginning(2) });
  expect(await find(neighbour, purged)).toBeUndefined();
});

it('a log that does not tell whose it is counts', async () => {
  const encrypted = await directory('encrypted', { 'bin.000042': beginning(2, 0xfd) });
  const lost = await directory('lost', { 'bin.000041': beginning(70_000) });
  const other = await directory('other', { 'other.000042': beginning(70_000) });
  expect(await find(encrypted)).toBe(`${encrypted}/bin`);
  expect(await find(lost)).toBe(`${lost}/bin`);
  expect(await find(other)).toBeUndefined();
});

/** The replica was pointed there and has never been connected since: it tells the id of the source before, and by GTID no file. */
async function findUnread(binlogDirs: readonly string[], file = ''): Promise<readonly unknown[]> {
  const { settings, picture } = cluster()
    .source('a', { settings: { binlogDirs } })
    .replica('b', {
      channel: {
        ...{ received: { file, position: 4 }, sourceServerId: 1 },
        ...{ relayLogFile: 'relay.000001', relayLogPosition: 4 },
      },
    })
    .dead('a')
    .build();
  const verdict = deriveTopology(settings, picture);
  const { binlogBase, serverId } = await recallSource(id('a'), verdict, picture, settings, localDoor());
  return [binlogBase, serverId];
}

it('a log of which no replica knows the name is the only one there', async () => {
  const noise = {
    'relay.000009': relayBeginning(70_000),
    'bin.index': Buffer.from('x'),
    'ib.000001': Buffer.from('x'),
  };
  const own = await directory('only', { 'bin.000007': beginning(2), 'bin.000008': beginning(70_000), ...noise });
  const two = await directory('two', { 'bin.000007': beginning(2), 'other.000008': beginning(70_000) });
  expect(await findUnread([join(folder, 'nothing'), own])).toEqual([`${own}/bin`, 70_000]);
  expect(await findUnread([own], 'bin.000008')).toEqual([`${own}/bin`, 70_000]);
  expect(await findUnread([own], 'other.000008')).toEqual([undefined, 1]);
  expect(await findUnread([own, two])).toEqual([undefined, 1]);
  expect(await findUnread([join(folder, 'nothing')])).toEqual([undefined, 1]);
});
