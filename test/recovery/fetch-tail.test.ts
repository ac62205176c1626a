import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../src/binlog/ledger.js';
import { BinlogWalker } from '../../src/binlog/walker.js';
import type { Coordinates } from '../../src/model/coordinates.js';
import { serverId } from '../../src/model/settings.js';
import type { SavedRange } from '../../src/ports/recovery.js';
import { fetchTail } from '../../src/recovery/fetch-tail.js';
import { FileHeads } from '../../src/recovery/file-heads.js';
import { type CopyStore, keepIn, leaveAt } from '../../src/recovery/copy-store.js';
import type { CopyStart, Stores } from '../../src/recovery/file-copy.js';
import { LocalDoor } from './local-door.js';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/binlog/${name}`, import.meta.url));
const bytesOf = (name: string): Buffer => readFileSync(fixture(name));

let folder = '';
let door = new LocalDoor();
let ledger = new Ledger();
let heads = new FileHeads();
const log = (number: number): string => `bin.${String(number).padStart(6, '0')}`;
const logPath = (number: number): string => join(folder, 'log', log(number));
const put = (number: number, name: string): void => {
  copyFileSync(fixture(name), logPath(number));
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mha-fetch-'));
  mkdirSync(join(folder, 'log'));
  mkdirSync(join(folder, 'run'));
  door = new LocalDoor();
  ledger = new Ledger();
  heads = new FileHeads();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const stores = (): Stores => ({
  ledger,
  heads,
  choose: ({ file, from }, description) => keepIn(join(folder, 'run'), { file, from, description }),
  leave: (file) => leaveAt(join(folder, 'log', file)),
});

type Choose = (start: CopyStart, description: Buffer) => Promise<CopyStore>;

const never = new AbortController().signal;

function fetch(
  from: Coordinates,
  until?: Coordinates,
  signal = never,
  limitBytes?: number,
  choose: Choose = (start, description) => stores().choose(start, description),
): Promise<SavedRange> {
  const limit = limitBytes === undefined ? {} : { limitBytes };
  const request = { host: serverId('a', 3306), binlogBase: join(folder, 'log', 'bin'), from, ...limit };
  return fetchTail(
    until === undefined ? request : { ...request, until },
    { door, stores: { ...stores(), choose }, onPiece: () => undefined },
    signal,
  );
}

/** The places between which a file of the fixtures may be cut. */
function boundaries(name: string): readonly number[] {
  const found: number[] = [];
  const walker = new BinlogWalker({
    file: name,
    onEvent: (event) => {
      if (event.boundary) found.push(event.end);
    },
  });
  walker.push(bytesOf(name));
  return found;
}

/** What a replica that starts there would be served, as bytes. */
function served(from: Coordinates): Buffer {
  const parts: Buffer[] = [];
  let at: Coordinates | undefined = from;
  while ((at = ledger.continueAt(at)) !== undefined) {
    const extent = ledger.extentAt(at);
    if (extent === undefined) break;
    const start = extent.offset + at.position - extent.from;
    parts.push(readFileSync(extent.path).subarray(start, start + extent.to - at.position));
    at = { file: extent.file, position: extent.to };
  }
  return Buffer.concat(parts);
}

const withoutInUse = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt16LE(copy.readUInt16LE(4 + 17) & ~1, 4 + 17);
  return copy;
};

describe('fetching the tail of a dead source', () => {
  it('takes no file that another server wrote', async () => {
    put(7, 'killed.bin');
    const from = { file: log(7), position: 4 };
    const request = { host: serverId('a', 3306), binlogBase: join(folder, 'log', 'bin'), from };
    const parts = { door, stores: stores(), onPiece: () => undefined };
    const writer = bytesOf('killed.bin').readUInt32LE(9);
    const foreign = await fetchTail({ ...request, ofServer: writer + 1 }, parts, never);
    expect(foreign).toMatchObject({ to: from, files: [], defect: { kind: 'not-a-binlog' } });
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
    const own = await fetchTail({ ...request, ofServer: writer }, parts, never);
    expect(own.to.position).toBe(boundaries('killed.bin').at(-1));
  });

  it('joins no copy from an earlier life of the source to its log', async () => {
    put(7, 'killed.bin');
    const from = { file: log(7), position: 4 };
    const request = { host: serverId('a', 3306), binlogBase: join(folder, 'log', 'bin'), from };
    const parts = { door, stores: stores(), onPiece: () => undefined };
    const own = await fetchTail(request, parts, never);
    expect((await fetchTail({ ...request, ofServer: 0 }, parts, never)).to).toEqual(own.to);
    const bytes = bytesOf('killed.bin');
    bytes.writeUInt32LE(bytes.readUInt32LE(4) - 86_400, 4);
    writeFileSync(logPath(7), bytes);
    const older = await fetchTail({ ...request, ofServer: 0 }, parts, never);
    expect(older).toMatchObject({ to: from, defect: { kind: 'not-a-binlog' } });
    expect(older.defect?.text).toContain('another file of that name');
    // The source's own is believed, whatever a copy said before.
    expect(await fetchTail(request, parts, never)).toMatchObject({ defect: { kind: 'checksum' } });
  });

  it('brings a whole file, kept as a valid log of its own', async () => {
    put(7, 'killed.bin');
    const range = await fetch({ file: log(7), position: 4 });
    const end = boundaries('killed.bin').at(-1) ?? 0;
    expect(range.to).toEqual({ file: log(7), position: end });
    expect(range.bytes).toBe(end - 4);
    expect(range.transactions).toBeGreaterThan(0);
    expect(range.files).toEqual([join(folder, 'run', log(7))]);
    expect(readFileSync(range.files[0] ?? '')).toEqual(withoutInUse(bytesOf('killed.bin').subarray(0, end)));
    expect(statSync(range.files[0] ?? '').mode & 0o777).toBe(0o600);
    expect(served(range.from)).toEqual(readFileSync(range.files[0] ?? '').subarray(4));
  });

  it('brings what lies behind a place in the middle, and the file that is kept can be walked', async () => {
    put(7, 'row.bin');
    const middle = boundaries('row.bin').at(-3) ?? 0;
    const range = await fetch({ file: log(7), position: middle });
    expect(range.defect).toBeUndefined();
    expect(served(range.from)).toEqual(bytesOf('row.bin').subarray(middle));
    const walker = new BinlogWalker({ file: 'kept' });
    walker.push(readFileSync(range.files[0] ?? ''));
    expect(walker.description).toBeDefined();
    expect(walker.transactions).toBe(range.transactions);
  });

  it('ends in front of the STOP of a source that was shut down: no replica ever proves to be behind it', async () => {
    put(7, 'stopped.bin');
    const [before, stop] = boundaries('stopped.bin').slice(-3);
    const range = await fetch({ file: log(7), position: before ?? 0 });
    expect(range).toMatchObject({ to: { file: log(7), position: stop }, transactions: 1 });
    expect(range.defect).toBeUndefined();
    expect(served(range.from)).toEqual(bytesOf('stopped.bin').subarray(before));
  });

  it('has nothing for a replica that stands in front of that STOP', async () => {
    put(7, 'stopped.bin');
    const from = { file: log(7), position: boundaries('stopped.bin').at(-2) ?? 0 };
    expect(await fetch(from)).toEqual({ from, to: from, bytes: 0, transactions: 0, gtids: '', files: [] });
  });

  it('goes on through the files that follow', async () => {
    put(9, 'rotated.bin');
    put(10, 'stopped.bin');
    put(11, 'killed.bin');
    const range = await fetch({ file: log(9), position: 4 });
    expect(range.to.file).toBe(log(11));
    expect(range.files).toHaveLength(3);
    const whole = ['rotated.bin', 'stopped.bin', 'killed.bin'].map((name) => {
      return withoutInUse(bytesOf(name).subarray(0, boundaries(name).at(-1))).subarray(4);
    });
    expect(served(range.from)).toEqual(Buffer.concat(whole));
  });

  it('needs two commands for a tail in one file', async () => {
    put(7, 'row.bin');
    await fetch({ file: log(7), position: boundaries('row.bin').at(-2) ?? 0 });
    expect(door.commands).toHaveLength(2);
  });

  it('stops at an exclusive end', async () => {
    put(7, 'row.bin');
    put(8, 'killed.bin');
    const [first, , third] = boundaries('row.bin').slice(-4);
    const range = await fetch({ file: log(7), position: first ?? 0 }, { file: log(7), position: third ?? 0 });
    expect(range.to.position).toBe(third);
    expect(range.defect).toBeUndefined();
    expect(served(range.from)).toEqual(bytesOf('row.bin').subarray(first, third));
  });

  it('throws before it keeps anything when more is asked for than may be fetched', async () => {
    put(7, 'rotated.bin');
    put(8, 'killed.bin');
    const size = bytesOf('rotated.bin').length - 4 + bytesOf('killed.bin').length;
    const from = { file: log(7), position: 4 };
    await expect(fetch(from, undefined, never, size - 1)).rejects.toMatchObject({ code: 'RESCUE_TOO_LONG' });
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
    expect((await fetch(from, undefined, never, size)).files).toHaveLength(2);
  });

  it('serves from the dead disk what its own has no room for', async () => {
    put(7, 'blob.bin');
    const whole = bytesOf('blob.bin');
    const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    const room = whole.length / 2;
    let refused = 0;
    const range = await fetch(
      { file: log(7), position: 4 },
      undefined,
      never,
      undefined,
      async (start, description) => {
        const store = await stores().choose(start, description);
        return {
          ...store,
          write: (piece, position) => {
            if (position + piece.length <= room) return store.write(piece, position);
            refused++;
            return Promise.reject(full);
          },
        };
      },
    );
    expect(range.to.position).toBe(whole.length);
    expect(range.files).toHaveLength(1);
    expect(refused).toBe(1);
    expect(served(range.from)).toEqual(withoutInUse(whole).subarray(4));
  });

  it('joins ranges that were fetched one after the other', async () => {
    put(7, 'row.bin');
    put(8, 'killed.bin');
    const middle = boundaries('row.bin').at(-3) ?? 0;
    await fetch({ file: log(7), position: middle });
    await fetch({ file: log(7), position: 4 }, { file: log(7), position: middle });
    const end = boundaries('killed.bin').at(-1);
    expect(served({ file: log(7), position: 4 })).toEqual(
      Buffer.concat([
        withoutInUse(bytesOf('row.bin')).subarray(4),
        withoutInUse(bytesOf('killed.bin')).subarray(4, end),
      ]),
    );
  });

  it('fetches what a dying server flushed in between, a new file included', async () => {
    put(7, 'rotated.bin');
    const whole = bytesOf('rotated.bin');
    truncateSync(logPath(7), whole.length - 60);
    let looks = 0;
    door.before = () => {
      looks++;
      if (looks === 2) appendFileSync(logPath(7), whole.subarray(whole.length - 60));
      if (looks === 3) put(8, 'killed.bin');
    };
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.to.file).toBe(log(8));
    expect(range.files).toHaveLength(2);
  });

  it('cuts a torn last event and says so', async () => {
    put(7, 'row.bin');
    const [before] = boundaries('row.bin').slice(-2);
    truncateSync(logPath(7), bytesOf('row.bin').length - 1);
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.defect?.kind).toBe('torn');
    expect(range.to.position).toBe(before);
  });

  it('serves what is whole in front of a flipped byte, and nothing of the next file', async () => {
    const bytes = bytesOf('row.bin');
    const [, at] = boundaries('row.bin').slice(-4);
    bytes[(at ?? 0) + 30] = (bytes[(at ?? 0) + 30] ?? 0) ^ 1;
    writeFileSync(logPath(7), bytes);
    put(8, 'killed.bin');
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.defect?.kind).toBe('checksum');
    expect(range.to).toEqual({ file: log(7), position: at });
    expect(range.files).toHaveLength(1);
  });

  it('does not go on behind an intermediate file that is cut short', async () => {
    put(7, 'rotated.bin');
    truncateSync(logPath(7), bytesOf('rotated.bin').length - 60);
    put(8, 'killed.bin');
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.defect?.kind).toBe('torn');
    expect(range.to.file).toBe(log(7));
    expect(ledger.continueAt(range.to)).toBeUndefined();
  });

  it('stops where a file is missing in between', async () => {
    put(7, 'rotated.bin');
    put(9, 'killed.bin');
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.defect).toMatchObject({ kind: 'missing-file', at: { file: log(8), position: 4 } });
    expect(range.to.file).toBe(log(7));
  });

  it('says that the first file is missing and what is there', async () => {
    put(9, 'killed.bin');
    const range = await fetch({ file: log(7), position: 4 });
    expect(range).toMatchObject({ to: range.from, bytes: 0, files: [], defect: { kind: 'missing-file' } });
    expect(range.defect?.text).toContain(log(9));
  });

  it('says that a replica has more than the dead disk', async () => {
    put(7, 'killed.bin');
    const range = await fetch({ file: log(7), position: bytesOf('killed.bin').length + 100 });
    expect(range).toMatchObject({ bytes: 0, files: [], defect: { kind: 'gap' } });
  });

  it('refuses an encrypted file', async () => {
    const bytes = bytesOf('killed.bin');
    bytes[0] = 0xfd;
    writeFileSync(logPath(7), bytes);
    const range = await fetch({ file: log(7), position: boundaries('killed.bin').at(-2) ?? 0 });
    expect(range).toMatchObject({ bytes: 0, files: [], defect: { kind: 'encrypted' } });
  });

  it('takes a transfer up again where it broke', async () => {
    put(7, 'blob.bin');
    let broken = 0;
    const read = door.read.bind(door);
    door.read = async (command) => {
      const stream = await read(command);
      if (broken++ > 0) return stream;
      const { Transform } = await import('node:stream');
      let seen = 0;
      // The listing, the head and a little more come through, then the connection is gone.
      return stream.pipe(
        new Transform({
          transform(chunk: Buffer, _encoding, done) {
            seen += chunk.length;
            if (seen <= 9000) done(null, chunk);
            else {
              this.push(chunk.subarray(0, 9000 - (seen - chunk.length)));
              setImmediate(() => this.destroy(new Error('connection lost')));
            }
          },
        }),
      );
    };
    const range = await fetch({ file: log(7), position: 4 });
    expect(broken).toBeGreaterThan(1);
    expect(range.defect).toBeUndefined();
    expect(served(range.from)).toEqual(withoutInUse(bytesOf('blob.bin')).subarray(4));
  });

  it('opens the next file anew when the connection that it was opened by is gone', async () => {
    put(7, 'rotated.bin');
    put(8, 'killed.bin');
    const read = door.read.bind(door);
    let lost = 0;
    door.read = async (command) => {
      const stream = await read(command);
      if (command.includes(log(8)) && lost++ === 0) stream.destroy(new Error('connection lost'));
      return stream;
    };
    const range = await fetch({ file: log(7), position: 4 });
    expect(lost).toBe(2);
    expect(range.defect).toBeUndefined();
    expect(range.to.file).toBe(log(8));
  });

  it('keeps what has come when nobody can look whether the log has grown', async () => {
    put(7, 'blob.bin');
    const { size } = statSync(logPath(7));
    door.run = () => Promise.reject(new Error('no route to host'));
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.to).toEqual({ file: log(7), position: size });
    expect(range.defect).toMatchObject({ kind: 'unreadable', at: range.to });
    expect(range.defect?.text).toContain('no route to host');
  });

  it('gives a place up that cannot be read, after what is whole before it', async () => {
    put(7, 'rotated.bin');
    put(8, 'killed.bin');
    door.before = (command) => {
      if (command.includes('head -c') && command.includes(log(8))) rmSync(logPath(8), { force: true });
    };
    const range = await fetch({ file: log(7), position: 4 });
    expect(range.defect).toMatchObject({ kind: 'unreadable', at: { file: log(8) } });
    expect(range.to.file).toBe(log(7));
  });

  it('throws when the directory cannot be entered', async () => {
    rmSync(join(folder, 'log'), { recursive: true });
    await expect(fetch({ file: log(7), position: 4 })).rejects.toMatchObject({ code: 'BINLOG_DIR_UNREADABLE' });
  });

  it('ends at once when it is aborted', async () => {
    put(7, 'row.bin');
    const control = new AbortController();
    door.before = () => {
      control.abort(new Error('enough'));
    };
    await expect(fetch({ file: log(7), position: 4 }, undefined, control.signal)).rejects.toThrow('enough');
  });
});
