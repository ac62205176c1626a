import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Coordinates } from '../../src/model/coordinates.js';
import { Secret } from '../../src/model/secret.js';
import { type ServerId, serverId } from '../../src/model/settings.js';
import type { Recovery, RecoveryProgress, SavedRange } from '../../src/ports/recovery.js';
import { startRecovery } from '../../src/recovery/recovery-thread.js';
import { createOwnSshd, type OwnSshd } from './own-sshd.js';
import { makeNursery, PlainServer, removeNursery } from './plain-server.js';

/** The whole rescue as a thread of the built program: SSH to a dead host, tunnels to real replicas. */
type Mode = 'coordinates' | 'slave_pos';

/** A thread runs built files only. */
const entry = new URL('../../dist/recovery/worker.js', import.meta.url);

let nursery = '';
let sshd: OwnSshd;
let runs = 0;
const servers: PlainServer[] = [];
const recoveries: Recovery[] = [];
const notices: string[] = [];

beforeAll(async () => {
  nursery = await makeNursery();
  // A home without start-up files: what this machine's own cost is not what is looked at here.
  sshd = await createOwnSshd(['SetEnv HOME=/nonexistent']);
});

afterEach(async (context) => {
  // Shown with the failure: what the thread said is the first thing to look at.
  if (context.task.result?.state === 'fail') process.stderr.write(`${notices.join('\n')}\n`);
  notices.length = 0;
  await Promise.all(recoveries.splice(0).map((recovery) => recovery.close()));
  await Promise.all(servers.splice(0).map((server) => server.kill()));
});

afterAll(async () => {
  await removeNursery(nursery);
  await sshd.remove();
});

const idOf = (server: PlainServer): ServerId => serverId('127.0.0.1', server.port);

async function begin(source: PlainServer, minFreeBytes = 0): Promise<Recovery> {
  const ssh = {
    host: 'own',
    address: '127.0.0.1',
    port: sshd.port,
    user: 'root',
    options: `-i ${sshd.identity} -o UserKnownHostsFile=${sshd.knownHosts}`,
    connectTimeoutMs: 5000,
  };
  const hosts = servers.map((server) => ({ id: idOf(server), ssh }));
  const recovery = startRecovery({ hosts, minFreeBytes, entry, onNotice: (text) => notices.push(text) });
  recoveries.push(recovery);
  await recovery.warm();
  const runDir = join(nursery, `run-${String(++runs)}`);
  await mkdir(runDir);
  await recovery.begin({ id: idOf(source), serverId: source.id, gtidMode: '', domainId: 0, runDir });
  return recovery;
}

async function cluster(
  mode: Mode,
  replicaOptions: readonly (readonly string[])[] = [[], []],
): Promise<readonly [PlainServer, PlainServer, PlainServer, ...PlainServer[]]> {
  const all = [[], ...replicaOptions].map((options, index) => new PlainServer(nursery, index + 1, options));
  const [source, near, far, ...more] = all;
  if (source === undefined || near === undefined || far === undefined) throw new Error('no servers');
  servers.push(...all);
  await Promise.all(servers.map((server) => server.start()));
  await source.sql("CREATE USER repl@'%' IDENTIFIED BY 'rp'");
  await source.sql("GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
  await source.sql('CREATE DATABASE shop');
  await source.sql('CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB) ENGINE=InnoDB');
  for (const replica of [near, far, ...more]) {
    await replica.sql('SET GLOBAL relay_log_purge=0');
    const by = mode === 'slave_pos' ? 'MASTER_USE_GTID=slave_pos' : "MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=4";
    await replica.sql(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${String(source.port)}, MASTER_USER='repl',
       MASTER_PASSWORD='rp', MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, ${by}`,
    );
    await replica.sql('START SLAVE');
  }
  return [source, near, far, ...more];
}

async function write(source: PlainServer, transactions: number, bytes: number): Promise<void> {
  for (let i = 0; i < transactions; i++) {
    await source.sql(`INSERT INTO shop.t (body) VALUES (REPEAT(CHAR(65 + ${String(i % 26)}), ${String(bytes)}))`);
  }
}

async function place(source: PlainServer): Promise<Coordinates> {
  const [row] = await source.sql('SHOW MASTER STATUS');
  return { file: String(row?.['File']), position: Number(row?.['Position']) };
}

async function applied(replica: PlainServer, at: Coordinates): Promise<void> {
  const answer = await replica.value(`SELECT MASTER_POS_WAIT('${at.file}', ${String(at.position)}, 60)`);
  expect(Number(answer ?? -2), JSON.stringify(await replica.status())).toBeGreaterThanOrEqual(0);
}

async function executed(replica: PlainServer): Promise<Coordinates> {
  const status = await replica.status();
  return { file: String(status['Relay_Master_Log_File']), position: Number(status['Exec_Master_Log_Pos']) };
}

async function serve(recovery: Recovery, replica: PlainServer, mode: Mode, password = 'rp'): Promise<void> {
  await replica.sql('STOP SLAVE');
  const from = await executed(replica);
  const address = await recovery.serve({
    replica: idOf(replica),
    serverId: replica.id,
    account: { user: 'repl', password: new Secret(password) },
    via: { kind: 'tunnel' },
  });
  const by =
    mode === 'slave_pos'
      ? 'MASTER_USE_GTID=slave_pos'
      : `MASTER_LOG_FILE='${from.file}', MASTER_LOG_POS=${String(from.position)}`;
  await replica.sql(`CHANGE MASTER TO MASTER_HOST='${address.host}', MASTER_PORT=${String(address.port)}, ${by}`);
  await replica.sql('START SLAVE');
}

async function checksum(server: PlainServer, table = 't'): Promise<unknown> {
  const [row] = await server.sql(`CHECKSUM TABLE shop.${table} EXTENDED`);
  return row?.['Checksum'];
}

/** What is saved of a replica's relay log. */
async function saveRelay(
  recovery: Recovery,
  replica: PlainServer,
  from: Coordinates,
  received?: Coordinates,
): Promise<SavedRange> {
  const request = {
    host: idOf(replica),
    relayLogIndex: String(await replica.value('SELECT @@relay_log_index')),
    relayLogBase: String(await replica.value('SELECT @@relay_log_basename')),
    dataDir: String(await replica.value('SELECT @@datadir')),
    replicaServerId: replica.id,
    from,
    ...(received === undefined ? {} : { received }),
  };
  return recovery.saveRelay(request, never);
}

const never = new AbortController().signal;
const tailOf = (source: PlainServer, from: Coordinates, until?: Coordinates) => ({
  logs: [{ host: idOf(source), binlogBase: join(source.data, 'bin'), end: from }],
  from,
  ...(until === undefined ? {} : { until }),
});

/** Receivers stopped at two places, the rest of the log on the dead disk only. */
async function deadSource(mode: Mode): Promise<{
  source: PlainServer;
  near: PlainServer;
  far: PlainServer;
  end: Coordinates;
}> {
  const [source, near, far] = await cluster(mode);
  await write(source, 20, 2000);
  await applied(far, await place(source));
  await far.sql('STOP SLAVE IO_THREAD');
  await write(source, 20, 300_000);
  await source.sql('FLUSH LOGS');
  await write(source, 20, 1000);
  await applied(near, await place(source));
  await near.sql('STOP SLAVE IO_THREAD');
  await write(source, 30, 1000);
  await source.sql('START TRANSACTION');
  await write(source, 4, 8 << 20);
  await source.sql('COMMIT');
  await source.sql('FLUSH LOGS');
  await write(source, 10, 500);
  const end = await place(source);
  await source.kill();
  return { source, near, far, end };
}

describe.each<Mode>(['coordinates', 'slave_pos'])('a dead host rescued over SSH, replicas by %s', (mode) => {
  it('brings both replicas to the end: the near one first, the other by what is fetched after', async () => {
    const { source, near, far, end } = await deadSource(mode);
    const recovery = await begin(source);
    const progress: RecoveryProgress[] = [];
    recovery.onProgress((one) => progress.push(one));

    const [nearAt, farAt] = [await executed(near), await executed(far)];
    const [range] = await recovery.saveTail(tailOf(source, nearAt), never);
    expect(range).toMatchObject({ from: nearAt, to: end });
    expect(range?.defect).toBeUndefined();
    expect(range?.transactions).toBe(41);
    await serve(recovery, near, mode);
    await applied(near, end);

    const [rest] = await recovery.saveTail(tailOf(source, farAt, nearAt), never);
    expect(rest).toMatchObject({ from: farAt, to: nearAt });
    await serve(recovery, far, mode);
    await applied(far, end);

    const sums = [await checksum(near), await checksum(far)];
    await source.start();
    expect(sums).toEqual([await checksum(source), await checksum(source)]);
    expect(progress.filter(({ kind }) => kind === 'fetched').at(-1)?.upTo).toEqual(nearAt);
    expect(progress.some(({ kind, server }) => kind === 'served' && server === idOf(far))).toBe(true);
    await recovery.end();
  });

  it('serves what does not fit on the disk from where it lies', async () => {
    const { source, near, end } = await deadSource(mode);
    const recovery = await begin(source, Number.MAX_SAFE_INTEGER);
    const [range] = await recovery.saveTail(tailOf(source, await executed(near)), never);
    expect(range).toMatchObject({ to: end, files: [] });
    expect(notices.join()).toContain('no room');
    await serve(recovery, near, mode);
    await applied(near, end);
    const sum = await checksum(near);
    await source.start();
    expect(sum).toBe(await checksum(source));
  });
});

describe('a dead host that cannot be reached', () => {
  it("gives the far replica what the near one's relay log holds", async () => {
    const { near, far, source } = await deadSource('coordinates');
    const recovery = await begin(source);
    const nearAt = await executed(near);
    const range = await saveRelay(recovery, near, await executed(far));
    expect(range.to).toEqual(nearAt);
    expect(range.files.length).toBeGreaterThan(0);
    await serve(recovery, far, 'coordinates');
    await applied(far, nearAt);
    expect(await checksum(far)).toBe(await checksum(near));
  });
});

/** Statements of many kinds, in transactions of one and of several; MyISAM and a trigger among them. */
async function writeRows(source: PlainServer, rounds: number): Promise<void> {
  for (let i = 0; i < rounds; i++) {
    await source.sql(`INSERT INTO shop.t (body) VALUES ('one ${String(i)}'), ('two')`);
    await source.sql('START TRANSACTION');
    await source.sql(`INSERT INTO shop.t (body) VALUES (REPEAT('x', ${String(i * 40)}))`);
    await source.sql(`UPDATE shop.t SET body = CONCAT(body, 'u') WHERE id % 7 = ${String(i % 7)}`);
    await source.sql('SAVEPOINT here');
    await source.sql(`INSERT INTO shop.t (body) VALUES ('${'long statement '.repeat(i * 20)}')`);
    if (i % 3 === 0) await source.sql('ROLLBACK TO SAVEPOINT here');
    await source.sql(`DELETE FROM shop.copy WHERE id % 11 = ${String(i % 11)}`);
    await source.sql('COMMIT');
    await source.sql(`INSERT INTO shop.plain (note) VALUES ('note ${String(i)}')`);
    await source.sql("SET STATEMENT binlog_format='MIXED' FOR UPDATE shop.plain SET note = CONCAT(note, UUID_SHORT())");
  }
}

describe.each<Mode>(['coordinates', 'slave_pos'])('replicas that do not log what they apply, by %s', (mode) => {
  it("are levelled from the newest one's relay log, though it lacks every row statement's text", async () => {
    const silent = ['--skip-log-slave-updates', '--max-relay-log-size=16384'];
    // The last one logs and so asks for the text that nobody has any more.
    const all = await cluster(mode, [silent, silent, []]);
    const [source, near, far, asking] = all;
    if (asking === undefined) throw new Error('no third replica');
    await source.sql('CREATE TABLE shop.copy (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB) ENGINE=InnoDB');
    await source.sql('CREATE TABLE shop.plain (id INT AUTO_INCREMENT PRIMARY KEY, note TEXT) ENGINE=MyISAM');
    await source.sql(
      'CREATE TRIGGER shop.tr AFTER INSERT ON shop.t FOR EACH ROW INSERT INTO shop.copy (body) VALUES (NEW.body)',
    );
    await writeRows(source, 10);
    for (const laggard of [far, asking]) {
      await applied(laggard, await place(source));
      await laggard.sql('STOP SLAVE IO_THREAD');
    }
    await writeRows(source, 25);
    await source.sql('FLUSH LOGS');
    await writeRows(source, 5);
    const end = await place(source);
    await applied(near, end);
    await source.kill();

    const recovery = await begin(source);
    const range = await saveRelay(recovery, near, await executed(far));
    // A checkpoint of the source may have come behind the last transaction.
    expect(range.to).toMatchObject({ file: end.file });
    expect(range.to.position).toBeGreaterThanOrEqual(end.position);
    expect(range.defect).toBeUndefined();
    for (const file of range.files) {
      const options = ['--no-defaults', '--verify-binlog-checksum', '--base64-output=decode-rows'];
      const listed = execFileSync('mariadb-binlog', [...options, file], { encoding: 'utf8', maxBuffer: 1 << 28 });
      expect(listed).toContain('end_log_pos');
    }
    for (const laggard of [far, asking]) {
      await serve(recovery, laggard, mode);
      await applied(laggard, end);
      for (const table of ['t', 'copy', 'plain'])
        expect(await checksum(laggard, table)).toBe(await checksum(near, table));
    }
    if (mode === 'slave_pos') {
      const position = await near.value('SELECT @@gtid_slave_pos');
      for (const laggard of [far, asking]) expect(await laggard.value('SELECT @@gtid_slave_pos')).toBe(position);
    }
    // What was filled in is not sent on: the asking one's own log has the texts that it got before, and no others.
    const own = await asking.sql(`SHOW BINLOG EVENTS IN '${(await place(asking)).file}'`);
    const texts = own.filter((event) => event['Event_type'] === 'Annotate_rows').map((event): unknown => event['Info']);
    expect(texts.length).toBeGreaterThan(10);
    expect(texts.filter((text) => /^\s*$/.test(String(text)))).toEqual([]);
  });
});

describe('a replica whose logs were flushed', () => {
  it('levels another although its relay log does not name the source’s file', async () => {
    const silent = ['--skip-log-slave-updates'];
    const [source, near, far] = await cluster('coordinates', [silent, silent]);
    await near.sql('SET GLOBAL relay_log_purge=1');
    // The applier removes a file when it leaves the one behind it.
    for (let flush = 0; flush < 3; flush++) {
      await write(source, 2, 500);
      for (const replica of [near, far]) await applied(replica, await place(source));
      await near.sql('FLUSH LOGS');
    }
    await far.sql('STOP SLAVE IO_THREAD');
    await write(source, 20, 500);
    const end = await place(source);
    await applied(near, end);
    await source.kill();

    const recovery = await begin(source);
    const nameless = await saveRelay(recovery, near, await executed(far));
    expect(nameless.defect?.text).toContain("does not say which of the source's files");
    const status = await near.status();
    const received = { file: String(status['Master_Log_File']), position: Number(status['Read_Master_Log_Pos']) };
    expect(await saveRelay(recovery, near, await executed(far), received)).toMatchObject({ to: end });
    await serve(recovery, far, 'coordinates');
    await applied(far, end);
    expect(await checksum(far)).toBe(await checksum(near));
  });
});

describe('the recovery thread', () => {
  it('lets nobody in who has the wrong password, and says so', async () => {
    const { source, near } = await deadSource('coordinates');
    const recovery = await begin(source);
    await recovery.saveTail(tailOf(source, await executed(near)), never);
    await serve(recovery, near, 'coordinates', 'another');
    await expect.poll(() => notices.join('\n'), { timeout: 10_000 }).toContain('Access denied');
    expect(notices.join('\n')).not.toContain('another');
  });

  it('ends a fetch that is aborted, and goes on working', async () => {
    const { source, near, end } = await deadSource('coordinates');
    const recovery = await begin(source);
    const control = new AbortController();
    recovery.onProgress(() => {
      control.abort(new Error('enough'));
    });
    const from = await executed(near);
    await expect(recovery.saveTail(tailOf(source, from), control.signal)).rejects.toThrow('enough');
    expect(await recovery.saveTail(tailOf(source, from), never)).toMatchObject([{ to: end }]);
  });

  it('takes a fetch up again when its connection is lost, and is served anew', async () => {
    const { source, near, end } = await deadSource('coordinates');
    const recovery = await begin(source);
    let lost = false;
    recovery.onProgress(({ kind }) => {
      if (kind === 'fetched' && !lost) sshd.endConnections();
      lost ||= kind === 'fetched';
    });
    const [range] = await recovery.saveTail(tailOf(source, await executed(near)), never);
    expect(lost).toBe(true);
    expect(range).toMatchObject({ to: end });
    expect(range?.defect).toBeUndefined();
    await serve(recovery, near, 'coordinates');
    await sshd.kill();
    await sshd.start();
    // The old tunnel went with its connection; the replica goes on where it is through a new one.
    await serve(recovery, near, 'coordinates');
    await applied(near, end);
  });

  it('says when it dies', async () => {
    const recovery = startRecovery({
      hosts: [],
      minFreeBytes: 0,
      entry: new URL('data:text/javascript,throw new Error("gone")'),
    });
    recoveries.push(recovery);
    expect(await recovery.died).toBe('gone');
    await expect(recovery.end()).rejects.toMatchObject({ code: 'RECOVERY_THREAD_DIED' });
  });
});
