import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Coordinates } from '../../src/model/coordinates.js';
import { holdFiles } from './held-log.js';
import { eventually, makeNursery, PlainServer, removeNursery } from './plain-server.js';
import { RecoveryListener } from './recovery-listener.js';

/** The recovery source against real MariaDB replicas: what they get is what the dead source had. */
type Mode = 'coordinates' | 'slave_pos';

let nursery = '';
const servers: PlainServer[] = [];
const listeners: RecoveryListener[] = [];

beforeAll(async () => {
  nursery = await makeNursery();
});

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await Promise.all(listeners.splice(0).map((listener) => listener.close()));
});

afterAll(() => removeNursery(nursery));

async function start(id: number, options: readonly string[] = []): Promise<PlainServer> {
  const server = new PlainServer(nursery, id, options);
  servers.push(server);
  await server.start();
  return server;
}

/** A source with two replicas; the replicas stand at the start of the source's first file. */
async function cluster(mode: Mode, options: readonly string[] = []): Promise<readonly PlainServer[]> {
  const all = await Promise.all([start(1, options), start(2, options), start(3, options)]);
  const [source, ...replicas] = all;
  if (source === undefined) throw new Error('no source');
  await source.sql("CREATE USER repl@'%' IDENTIFIED BY 'rp'");
  await source.sql("GRANT REPLICATION SLAVE ON *.* TO repl@'%'");
  await source.sql('CREATE DATABASE shop');
  await source.sql('CREATE TABLE shop.t (id INT AUTO_INCREMENT PRIMARY KEY, body LONGBLOB) ENGINE=InnoDB');
  for (const replica of replicas) {
    const by = mode === 'slave_pos' ? 'MASTER_USE_GTID=slave_pos' : "MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=4";
    await replica.sql(
      `CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${String(source.port)}, MASTER_USER='repl',
       MASTER_PASSWORD='rp', MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1, ${by}`,
    );
    await replica.sql('START SLAVE');
  }
  return all;
}

async function write(source: PlainServer, transactions: number, bytes: number): Promise<void> {
  for (let i = 0; i < transactions; i++) {
    await source.sql(`INSERT INTO shop.t (body) VALUES (REPEAT(CHAR(65 + ${String(i % 26)}), ${String(bytes)}))`);
  }
}

async function sourcePlace(source: PlainServer): Promise<Coordinates> {
  const [row] = await source.sql('SHOW MASTER STATUS');
  return { file: String(row?.['File']), position: Number(row?.['Position']) };
}

async function applied(replica: PlainServer, at: Coordinates, seconds = 60): Promise<void> {
  const answer = await replica.value(
    `SELECT MASTER_POS_WAIT('${at.file}', ${String(at.position)}, ${String(seconds)})`,
  );
  const status = await replica.status();
  expect(Number(answer ?? -2), JSON.stringify(status)).toBeGreaterThanOrEqual(0);
}

async function point(replica: PlainServer, port: number, mode: Mode, more = ''): Promise<void> {
  await replica.sql('STOP SLAVE');
  const status = await replica.status();
  const by =
    mode === 'slave_pos'
      ? 'MASTER_USE_GTID=slave_pos'
      : `MASTER_LOG_FILE='${String(status['Relay_Master_Log_File'])}', MASTER_LOG_POS=${String(status['Exec_Master_Log_Pos'])}`;
  await replica.sql(`CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT=${String(port)}, ${by}${more}`);
  await replica.sql('START SLAVE');
}

async function listen(...args: ConstructorParameters<typeof RecoveryListener>): Promise<[RecoveryListener, number]> {
  const listener = new RecoveryListener(...args);
  listeners.push(listener);
  return [listener, await listener.listen()];
}

const identity = { serverId: 1, gtidMode: '', domainId: 0 };

async function checksum(server: PlainServer): Promise<unknown> {
  const [row] = await server.sql('CHECKSUM TABLE shop.t EXTENDED');
  return row?.['Checksum'];
}

describe.each<Mode>(['coordinates', 'slave_pos'])('a dead source served by %s', (mode) => {
  it('brings replicas that stopped at different places to the end of the dead log, each row once', async () => {
    const [source, near, far] = await cluster(mode);
    if (source === undefined || near === undefined || far === undefined) throw new Error('no cluster');
    await write(source, 50, 2000);
    const first = await sourcePlace(source);
    await applied(far, first);
    await far.sql('STOP SLAVE IO_THREAD');
    await write(source, 50, 30_000);
    await source.sql('FLUSH LOGS');
    await write(source, 30, 1000);
    const second = await sourcePlace(source);
    await applied(near, second);
    await near.sql('STOP SLAVE IO_THREAD');
    await source.sql('ALTER TABLE shop.t ADD COLUMN note VARCHAR(20)');
    await source.sql('START TRANSACTION');
    await write(source, 8, 8 << 20);
    await source.sql('COMMIT');
    await write(source, 1, 17 << 20);
    await source.sql('FLUSH LOGS');
    await write(source, 20, 500);
    await source.kill();

    const held = await holdFiles(source.data, first.file);
    expect(held.bytes).toBeGreaterThan(80 << 20);
    for (const replica of [near, far]) {
      const [, port] = await listen(held.ledger, identity, { serverId: replica.id });
      await point(replica, port, mode);
    }
    await Promise.all([near, far].map((replica) => applied(replica, held.end)));
    await source.start();
    const wanted = await checksum(source);
    expect(await checksum(near)).toBe(wanted);
    expect(await checksum(far)).toBe(wanted);
    expect(await far.value('SELECT COUNT(*) FROM shop.t')).toBe(159);
    expect(listeners.flatMap((listener) => listener.events.filter(({ kind }) => kind === 'unknown-query'))).toEqual([]);
    if (mode === 'slave_pos') {
      const gtid = await source.value('SELECT @@gtid_binlog_pos');
      expect(await far.value('SELECT @@gtid_slave_pos')).toBe(gtid);
    }
  });
});
