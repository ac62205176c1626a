import { crc32 } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { Ledger } from '../../../src/binlog/ledger.js';
import type { SourceIdentity } from '../../../src/binlog/source/queries.js';
import {
  type ReplicaGuard,
  type ServeEnding,
  type ServeOptions,
  type SourceEvent,
  serveReplica,
} from '../../../src/binlog/source/serve-replica.js';
import { HandClock } from './hand-clock.js';
import {
  commit,
  type MadeFile,
  type MadeLog,
  makeDescription,
  makeLog,
  mariadbGtid,
  mysqlGtid,
  mysqlSet,
  rowEvent,
} from './made-log.js';
import { ReplicaClient, ServerError } from './replica-client.js';
import { streamPair } from './stream-pair.js';

const mariadb = '10.11.19-MariaDB-log';
const mysql = '8.0.36';
const uuid = Buffer.from('3e11fa4771ca11e19e33c80aa9429562', 'hex');
const mariadbSource: SourceIdentity = { serverId: 1, gtidMode: '', domainId: 0 };
const mysqlSource: SourceIdentity = {
  serverId: 1,
  gtidMode: 'ON',
  serverUuid: '3e11fa47-71ca-11e1-9e33-c80aa9429562',
  domainId: 0,
};

interface Visit {
  readonly replica: ReplicaClient;
  readonly ending: Promise<ServeEnding>;
  readonly events: SourceEvent[];
  readonly clock: HandClock;
  readonly stop: AbortController;
}

const open: Visit[] = [];

afterEach(async () => {
  for (const visit of open.splice(0)) {
    visit.stop.abort();
    await visit.ending;
  }
});

interface Given {
  readonly log: Pick<MadeLog, 'ledger' | 'open'>;
  readonly identity?: SourceIdentity;
  readonly guard?: ReplicaGuard;
  readonly options?: Partial<ServeOptions>;
}

function visit({ log, identity = mariadbSource, guard = { serverId: 2 }, options = {} }: Given): Visit {
  const { client, server } = streamPair();
  const events: SourceEvent[] = [];
  const clock = new HandClock();
  const stop = new AbortController();
  const given = { open: log.open, clock, onEvent: (event: SourceEvent) => events.push(event), ...options };
  const ending = serveReplica(server, log.ledger, identity, guard, given, stop.signal);
  const made = { replica: new ReplicaClient(client), ending, events, clock, stop };
  open.push(made);
  return made;
}

/** Up to the dump request, as a receiver goes. */
async function introduce(replica: ReplicaClient, ...settings: readonly string[]): Promise<void> {
  await replica.begin();
  await replica.query('SET @master_binlog_checksum= @@global.binlog_checksum');
  for (const setting of settings) await replica.query(setting);
  expect((await replica.register(2))[0]).toBe(0);
}

const nonBlocking = 1;
const annotate = 2;
const typeOf = (event: Buffer | undefined): number => event?.readUInt8(4) ?? -1;

const plain: readonly MadeFile[] = [
  {
    name: 'bin.000001',
    events: [
      mariadbGtid(1n),
      [160, Buffer.from('INSERT')],
      rowEvent(100),
      commit,
      [4, Buffer.from('\x04\0\0\0\0\0\0\0bin.000002', 'latin1')],
    ],
  },
  { name: 'bin.000002', checksum: 'none', events: [mariadbGtid(2n), rowEvent(50), commit] },
];

function stored(log: MadeLog, file: string): readonly Buffer[] {
  return (log.events.get(file) ?? []).map(({ bytes }) => bytes);
}

function sound(event: Buffer): boolean {
  return crc32(event.subarray(0, -4)) === event.readUInt32LE(event.length - 4);
}

describe('by coordinates', () => {
  it('sends a log from its first position byte for byte, each file behind its name and description', async () => {
    const log = makeLog(mariadb, plain);
    const { replica, events } = visit({ log });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4, nonBlocking | annotate);
    const sent = await replica.allEvents();
    expect(sent.map(typeOf)).toEqual([4, 15, 162, 160, 30, 16, 4, 4, 15, 162, 30, 16]);
    expect(sent.slice(2, 7)).toEqual(stored(log, 'bin.000001').slice(1));
    expect(sent.slice(9)).toEqual(stored(log, 'bin.000002').slice(1));
    expect(events).toContainEqual({
      kind: 'dump-started',
      mode: 'coordinates',
      from: { file: 'bin.000001', position: 4 },
    });
    const bytes = events.reduce((sum, event) => sum + (event.kind === 'sent' ? event.bytes : 0), 0);
    expect(bytes).toBe(
      stored(log, 'bin.000001')
        .concat(stored(log, 'bin.000002'))
        .reduce((n, e) => n + e.length, 0),
    );
    expect(events.at(-1)).toMatchObject({ kind: 'sent', upTo: log.end });
  });

  it('names files by rotate events that carry the checksum which is in force at that moment', async () => {
    const { replica } = visit({ log: makeLog(mariadb, plain) });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4, nonBlocking);
    const [first, , ...rest] = await replica.allEvents();
    const second = rest.filter((event) => typeOf(event) === 4)[1];
    for (const [event, name] of [
      [first, 'bin.000001'],
      [second, 'bin.000002'],
    ] as const) {
      expect(event?.readUInt32LE(0)).toBe(0);
      expect(event?.readUInt32LE(13)).toBe(0);
      expect(event?.readUInt16LE(17)).toBe(0x20);
      expect(event?.readBigUInt64LE(19)).toBe(4n);
      expect(event?.toString('latin1', 27, event.length - 4)).toBe(name);
      expect(event && sound(event)).toBe(true);
    }
  });

  it('clears the in-use flag, and starts in mid-file with a description that does not count', async () => {
    const log = makeLog(mariadb, plain);
    const description = makeDescription(mariadb, 'crc32');
    const start = log.events.get('bin.000001')?.[3]?.at ?? 0;
    for (const [position, logPos, created] of [
      [4, description.readUInt32LE(13), description.readUInt32LE(71)],
      [start, 0, 0],
    ] as const) {
      const { replica } = visit({ log });
      await introduce(replica);
      replica.dump(2, 'bin.000001', position, nonBlocking);
      const [rotate, sent] = await replica.allEvents();
      expect(Number(rotate?.readBigUInt64LE(19))).toBe(position);
      expect(sent?.readUInt16LE(17)).toBe(0);
      expect(sent?.readUInt32LE(13)).toBe(logPos);
      expect(sent?.readUInt32LE(71)).toBe(created);
      expect(sent && sound(sent)).toBe(true);
    }
  });

  it('leaves the text of row statements out unless it is asked for', async () => {
    const { replica } = visit({ log: makeLog(mariadb, plain) });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4, nonBlocking);
    expect((await replica.allEvents()).map(typeOf)).not.toContain(160);
  });

  it('never sends what fills the place of an annotation that a relay log lacks', async () => {
    const filler = (size: number) => [160, Buffer.alloc(size, ' '), 0x20] as const;
    const text: readonly [number, Buffer] = [160, Buffer.from('INSERT')];
    const rows = rowEvent(100);
    const events = [mariadbGtid(1n), text, rows, filler(30), rows, filler(700_000), rows, filler(0), rows, commit];
    for (const flags of [nonBlocking, nonBlocking | annotate]) {
      const log = makeLog(mariadb, [{ name: 'bin.000001', events }]);
      const { replica, ending } = visit({ log });
      await introduce(replica);
      replica.dump(2, 'bin.000001', 4, flags);
      const sent = (await replica.allEvents()).slice(2);
      const wanted = flags === nonBlocking ? [162, 30, 30, 30, 30, 16] : [162, 160, 30, 30, 30, 30, 16];
      expect(sent.map(typeOf)).toEqual(wanted);
      expect(sent.every(sound)).toBe(true);
      expect(sent.at(-1)?.readUInt32LE(13)).toBe(log.end.position);
      expect(await ending).toEqual({ kind: 'finished' });
    }
  });

  it('streams events larger than its buffers, and larger than a packet', async () => {
    const sizes = [600_000, 0xffffff - 24, 0xffffff - 23, 20 << 20, 30];
    const events = [mariadbGtid(1n), ...sizes.map((size, index) => rowEvent(size, index + 1)), commit];
    const log = makeLog(mariadb, [{ name: 'bin.000001', events }]);
    const { replica } = visit({ log });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4, nonBlocking);
    const sent = (await replica.allEvents()).slice(2);
    const wanted = stored(log, 'bin.000001').slice(1);
    expect(sent.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length));
    expect(sent.every((event, index) => wanted[index]?.equals(event))).toBe(true);
  });

  it('sends what comes later as soon as it is held, and nothing before', async () => {
    const log = makeLog(mariadb, [{ name: 'bin.000001', events: [mariadbGtid(1n), commit, mariadbGtid(2n), commit] }]);
    const [, , , second] = log.events.get('bin.000001') ?? [];
    const ledger = new Ledger();
    ledger.describe('bin.000001', makeDescription(mariadb, 'crc32'));
    const extent = { file: 'bin.000001', from: 4, path: 'bin.000001', offset: 4 };
    ledger.grow({ ...extent, to: second?.at ?? 0 });
    const { replica, events } = visit({ log: { ledger, open: log.open } });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4);
    const first = [await replica.event(), await replica.event(), await replica.event(), await replica.event()];
    expect(first.map(typeOf)).toEqual([4, 15, 162, 16]);
    await until(() => events.at(-1)?.kind === 'level');
    ledger.grow({ ...extent, to: log.end.position });
    expect((await replica.event())?.equals(second?.bytes ?? Buffer.alloc(0))).toBe(true);
    expect(typeOf(await replica.event())).toBe(16);
    await until(() => events.filter(({ kind }) => kind === 'level').length === 2);
    expect(events.at(-1)).toEqual({ kind: 'level', at: log.end });
  });

  it('sends heartbeats at the asked period, with the place and a checksum', async () => {
    const log = makeLog(mariadb, plain.slice(0, 1));
    const { replica, events, clock } = visit({ log });
    await introduce(replica, 'SET @master_heartbeat_period= 2500000000');
    replica.dump(2, 'bin.000001', 4);
    for (let i = 0; i < 6; i++) await replica.event();
    await until(() => events.at(-1)?.kind === 'level');
    for (let beat = 0; beat < 2; beat++) {
      await until(() => clock.sleeps.includes(2500));
      clock.advance(2500);
      const event = await replica.event();
      expect(typeOf(event)).toBe(27);
      expect(event?.readUInt32LE(13)).toBe(log.end.position);
      expect(event?.toString('latin1', 19, event.length - 4)).toBe('bin.000001');
      expect(event && sound(event)).toBe(true);
    }
  });

  it.each([
    ['a file that is not held', 'bin.000009', 4, /bin.000009:4 is not among/],
    ['a place beyond the end', 'bin.000002', 9000, /bin.000002:9000 is not among/],
    ['a place inside an event', 'bin.000001', 130, /no event starts at bin.000001:130/],
    ['no file at all', '', 4, /is not among/],
  ])('refuses %s', async (_, file, position, text) => {
    const { replica, ending } = visit({ log: makeLog(mariadb, plain), options: { complete: () => true } });
    await introduce(replica);
    replica.dump(2, file, position);
    const error = await replica.allEvents().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ errno: 1236 });
    expect(error).toBeInstanceOf(ServerError);
    expect((error as ServerError).message).toMatch(text);
    expect(await ending).toMatchObject({ kind: 'refused', errno: 1236 });
  });

  it('waits for a place that is still being fetched, and then lets the replica come again instead of stopping it', async () => {
    const log = makeLog(mariadb, plain);
    const { replica, ending, clock } = visit({ log, options: { complete: () => false, patienceMs: 4000 } });
    await introduce(replica);
    replica.dump(2, 'bin.000003', 4);
    await until(() => clock.sleeps.includes(4000));
    clock.advance(4000);
    await expect(replica.event()).rejects.not.toBeInstanceOf(ServerError);
    expect(await ending).toEqual({ kind: 'replica-left', reason: 'what it asks for has not been fetched yet' });
  });

  it('refuses a place that was waited for as soon as nothing more comes', async () => {
    const log = makeLog(mariadb, plain);
    let isComplete = false;
    const { replica, ending, clock } = visit({ log, options: { complete: () => isComplete, patienceMs: 4000 } });
    await introduce(replica);
    replica.dump(2, 'bin.000003', 4);
    await until(() => clock.sleeps.includes(4000));
    isComplete = true;
    clock.advance(4000);
    await expect(replica.event()).rejects.toThrow(/bin.000003:4 is not among/);
    expect(await ending).toMatchObject({ kind: 'refused' });
  });

  it('refuses what lies behind the start of encryption', async () => {
    const log = makeLog(mariadb, [{ name: 'bin.000001', events: [[164, Buffer.alloc(17)], rowEvent(10)] }]);
    const { replica } = visit({ log });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4);
    await expect(replica.allEvents()).rejects.toThrow(/are encrypted/);
  });
});

describe('by GTID', () => {
  it('starts a MariaDB replica behind its position and gives it a heartbeat at once', async () => {
    const log = makeLog(mariadb, plain);
    const { replica } = visit({ log });
    await introduce(replica, "SET @slave_connect_state='0-1-1'", 'SET @master_heartbeat_period= 1000000000');
    // A replica that reconnects names its old place too; the GTID position is what counts.
    replica.dump(2, 'bin.000001', 77);
    const sent: (Buffer | undefined)[] = [];
    while (typeOf(sent.at(-1)) !== 27) sent.push(await replica.event());
    expect(sent.map(typeOf)).toEqual([4, 15, 4, 4, 15, 162, 30, 16, 27]);
    expect(sent[1]?.readUInt32LE(71)).toBe(0);
    expect(sent[1]?.readUInt32LE(13)).not.toBe(0);
    expect(sent.at(-1)?.readUInt32LE(13)).toBe(log.end.position);
  });

  it('starts a MariaDB replica on a log that begins in mid-file', async () => {
    const whole = makeLog(mariadb, plain.slice(0, 1));
    const log = makeLog(mariadb, plain.slice(0, 1), whole.events.get('bin.000001')?.[1]?.at);
    const { replica } = visit({ log });
    await introduce(replica, "SET @slave_connect_state=''");
    replica.dump(2, '', 4, nonBlocking);
    const sent = await replica.allEvents();
    expect(sent.map(typeOf)).toEqual([4, 15, 162, 30, 16, 4]);
    expect(sent[1]?.readUInt32LE(13)).toBe(0);
  });

  it('leaves out what a MySQL replica has, tells it of the gap, and keeps the description as it is', async () => {
    const events = [mysqlGtid(uuid, 5n), rowEvent(40), commit, mysqlGtid(uuid, 6n), rowEvent(60), commit];
    const log = makeLog(mysql, [{ name: 'bin.000001', events }]);
    const { replica } = visit({ log, identity: mysqlSource });
    await introduce(replica);
    replica.dumpGtid(2, mysqlSet(uuid, 1n, 6n), nonBlocking);
    const sent = await replica.allEvents();
    expect(sent.map(typeOf)).toEqual([4, 15, 27, 33, 30, 16]);
    expect(sent[1]?.readUInt32LE(13)).toBe(4 + (sent[1]?.length ?? 0));
    expect(sent[1]?.readUInt32LE(71)).toBe(1_700_000_000);
    expect(sent[2]?.readUInt32LE(13)).toBe(log.events.get('bin.000001')?.[4]?.at);
  });

  it('refuses a MySQL replica that lacks what comes before the held files', async () => {
    const set = mysqlSet(uuid, 1n, 9n);
    const log = makeLog(mysql, [{ name: 'bin.000001', events: [[35, set], mysqlGtid(uuid, 9n), commit] }]);
    const { replica } = visit({ log, identity: mysqlSource });
    await introduce(replica);
    replica.dumpGtid(2, mysqlSet(uuid, 1n, 6n), nonBlocking);
    await expect(replica.allEvents()).rejects.toThrow(/lacks GTIDs .*9562:6-8/);
  });

  it('refuses a MySQL replica that lacks what comes before a log that begins in mid-file', async () => {
    const events = [mysqlGtid(uuid, 8n), commit, mysqlGtid(uuid, 9n), commit];
    for (const [end, outcome] of [
      [8n, [4, 15, 27, 33, 16, 33, 16]],
      [7n, /lacks GTIDs .*9562:7$/],
    ] as const) {
      const log = makeLog(mysql, [{ name: 'bin.000001', events }], makeDescription(mysql, 'crc32').length + 4);
      const { replica } = visit({ log, identity: mysqlSource });
      await introduce(replica);
      replica.dumpGtid(2, mysqlSet(uuid, 1n, end), nonBlocking);
      const answer = replica.allEvents();
      if (outcome instanceof RegExp) {
        await expect(answer).rejects.toThrow(outcome);
        continue;
      }
      const sent = await answer;
      expect(sent.map(typeOf)).toEqual(outcome);
      // The replica was in this file before: `log_pos` rolls half a transaction back, `created` would drop what
      // temporary tables it has.
      expect(sent[1]?.readUInt32LE(13)).toBeGreaterThan(0);
      expect(sent[1]?.readUInt32LE(71)).toBe(0);
    }
  });

  it('refuses a log that begins inside a transaction', async () => {
    const events = [mysqlGtid(uuid, 5n), rowEvent(40), commit];
    const whole = makeLog(mysql, [{ name: 'bin.000001', events }]);
    const log = makeLog(mysql, [{ name: 'bin.000001', events }], whole.events.get('bin.000001')?.[2]?.at);
    const { replica } = visit({ log, identity: mysqlSource });
    await introduce(replica);
    replica.dumpGtid(2, mysqlSet(uuid, 1n, 6n), nonBlocking);
    await expect(replica.allEvents()).rejects.toThrow(/begin inside a transaction/);
  });
});

describe('the guard', () => {
  it('refuses another server id, and another UUID', async () => {
    const log = makeLog(mysql, [{ name: 'bin.000001', events: [mysqlGtid(uuid, 1n), commit] }]);
    const guard = { serverId: 2, serverUuid: 'AAAAAAAA-71ca-11e1-9e33-c80aa9429562' };
    for (const [id, said, text] of [
      [3, 'aaaaaaaa-71ca-11e1-9e33-c80aa9429562', /server id 2, not 3/],
      [2, 'bbbbbbbb-71ca-11e1-9e33-c80aa9429562', /UUID AAAAAAAA-.*, not bbbbbbbb-/],
    ] as const) {
      const { replica, ending } = visit({ log, identity: mysqlSource, guard });
      await introduce(replica, `SET @slave_uuid= '${said}'`);
      replica.dumpGtid(id, mysqlSet(uuid, 1n, 2n));
      await expect(replica.event()).rejects.toThrow(text);
      expect(await ending).toMatchObject({ kind: 'refused', errno: 1236 });
    }
    const { replica } = visit({ log, identity: mysqlSource, guard });
    await introduce(replica, "SET @slave_uuid= 'aaaaaaaa-71ca-11e1-9e33-c80aa9429562'");
    replica.dumpGtid(2, mysqlSet(uuid, 1n, 2n));
    expect(typeOf(await replica.event())).toBe(4);
  });

  it('sends nothing to a replica that does not check checksums', async () => {
    const { replica } = visit({ log: makeLog(mariadb, plain) });
    await replica.begin();
    replica.dump(2, 'bin.000001', 4);
    await expect(replica.event()).rejects.toThrow(/checksums/);
  });

  it('reports a question it does not know and goes on', async () => {
    const { replica, events } = visit({ log: makeLog(mariadb, plain) });
    await replica.begin();
    await expect(replica.query('SELECT 1 FROM dual')).rejects.toMatchObject({ errno: 1193 });
    expect(await replica.query("SHOW VARIABLES LIKE 'SERVER_ID'")).toEqual([['server_id', '1']]);
    expect(events).toContainEqual({ kind: 'unknown-query', text: 'SELECT 1 FROM dual' });
  });
});

describe('the end', () => {
  it('is told when the replica leaves, in words or without', async () => {
    const polite = visit({ log: makeLog(mariadb, plain) });
    await introduce(polite.replica);
    polite.replica.command(1);
    expect(await polite.ending).toEqual({ kind: 'replica-left', reason: 'the replica said goodbye' });

    const rude = visit({ log: makeLog(mariadb, plain) });
    await introduce(rude.replica);
    rude.replica.dump(2, 'bin.000001', 4);
    await rude.replica.event();
    rude.replica.wire.stream.destroy();
    expect(await rude.ending).toMatchObject({ kind: 'replica-left' });
  });

  it('comes at any moment by the signal', async () => {
    const silent = visit({ log: makeLog(mariadb, plain) });
    silent.stop.abort();
    expect(await silent.ending).toEqual({ kind: 'stopped' });

    const waiting = visit({ log: makeLog(mariadb, plain) });
    await introduce(waiting.replica);
    waiting.replica.dump(2, 'bin.000001', 4);
    await until(() => waiting.events.at(-1)?.kind === 'level');
    waiting.stop.abort();
    expect(await waiting.ending).toEqual({ kind: 'stopped' });
  });

  it('comes when the client says nothing for too long', async () => {
    const { replica, ending, clock } = visit({ log: makeLog(mariadb, plain), options: { requestDeadlineMs: 700 } });
    await replica.greeting();
    clock.advance(700);
    expect(await ending).toEqual({ kind: 'replica-left', reason: 'the client did not answer within 700 ms' });
  });

  it('comes when the client stops reading in the middle of a large event', async () => {
    const log = makeLog(mariadb, [{ name: 'bin.000001', events: [mariadbGtid(1n), rowEvent(8 << 20), commit] }]);
    const { replica, ending, stop, events } = visit({ log });
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4);
    await replica.event();
    await until(() => events.some(({ kind }) => kind === 'dump-started'));
    stop.abort();
    expect(await ending).toEqual({ kind: 'stopped' });
  });

  it('is an error of ours when rescued bytes cannot be read', async () => {
    const log = makeLog(mariadb, plain);
    const broken = { ledger: log.ledger, open: () => Promise.reject(new Error('disk on fire')) };
    const { client, server } = streamPair();
    const replica = new ReplicaClient(client);
    const options = { open: broken.open, clock: new HandClock() };
    const ending = serveReplica(
      server,
      log.ledger,
      mariadbSource,
      { serverId: 2 },
      options,
      new AbortController().signal,
    );
    const outcome = expect(ending).rejects.toThrow('disk on fire');
    await introduce(replica);
    replica.dump(2, 'bin.000001', 4);
    await outcome;
  });
});

/** Lets the event loop turn until something is so. */
async function until(look: () => boolean): Promise<void> {
  for (let turn = 0; turn < 20_000; turn++) {
    if (look()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error('it never came to be');
}
