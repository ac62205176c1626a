import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Coordinates } from '../../src/model/coordinates.js';
import { Secret } from '../../src/model/secret.js';
import { selfSigned } from '../../src/recovery/self-signed.js';
import { GrowingLog, holdFiles } from './held-log.js';
import { until } from '../../src/sandbox/wait.js';
import { makeNursery, PlainServer, removeNursery } from './plain-server.js';
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
async function cluster(
  mode: Mode,
  options: readonly string[] = [],
): Promise<readonly [PlainServer, PlainServer, PlainServer]> {
  const all = await Promise.all([start(1, options), start(2, options), start(3, options)]);
  const [source, ...replicas] = all;
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

async function receiverStops(replica: PlainServer, text: RegExp): Promise<void> {
  const status = await until(
    async () => {
      const seen = await replica.status();
      return seen['Slave_IO_Running'] === 'No' && seen['Last_IO_Errno'] === 1236 ? seen : undefined;
    },
    { what: 'see the receiver stop with an error', deadlineMs: 15_000 },
  );
  expect(status['Last_IO_Error']).toMatch(text);
}

async function heartbeats(replica: PlainServer): Promise<number> {
  const [row] = await replica.sql("SHOW GLOBAL STATUS LIKE 'Slave_received_heartbeats'");
  return Number(row?.['Value']);
}

const identity = { serverId: 1, gtidMode: '', domainId: 0 };

async function checksum(server: PlainServer): Promise<unknown> {
  const [row] = await server.sql('CHECKSUM TABLE shop.t EXTENDED');
  return row?.['Checksum'];
}

describe.each<Mode>(['coordinates', 'slave_pos'])('a dead source served by %s', (mode) => {
  it('brings replicas that stopped at different places to the end of the dead log, each row once', async () => {
    const [source, near, far] = await cluster(mode);
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

    const held = await holdFiles(source.data, { ...first, position: 4 });
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

  it('goes on behind half a transaction in the relay log, and serves a log that begins in mid-file', async () => {
    const [source, replica] = await cluster(mode, ['--gtid-domain-id=7']);
    await write(source, 10, 2000);
    await source.sql('SET gtid_domain_id=8');
    await write(source, 3, 100);
    const first = await sourcePlace(source);
    await applied(replica, first);
    await replica.sql('STOP SLAVE');
    await source.sql('START TRANSACTION');
    await write(source, 8, 4 << 20);
    await source.sql('COMMIT');
    await source.sql('SET gtid_domain_id=7');
    await write(source, 10, 3000);
    await source.kill();

    const held = await holdFiles(source.data, first);
    expect(held.bytes).toBeGreaterThan(32 << 20);
    const cutsAt = [15 << 20, 25 << 20];
    let cuts = 0;
    const [listener, port] = await listen(
      held.ledger,
      identity,
      { serverId: replica.id },
      {
        onSource: (event, cut) => {
          const place = first.position + (cutsAt[cuts] ?? Number.POSITIVE_INFINITY);
          if (event.kind !== 'sent' || event.upTo.position < place) return;
          cuts += 1;
          cut();
        },
      },
    );
    await point(replica, port, mode);
    await applied(replica, held.end);
    expect(listener.endings.map(({ kind }) => kind)).toEqual(['replica-left', 'replica-left']);
    const starts = listener.events.flatMap((event) => (event.kind === 'dump-started' ? [event.from] : []));
    expect(starts).toHaveLength(3);
    if (mode === 'coordinates') expect(starts[1]?.position).toBeGreaterThan(first.position + (4 << 20));
    await source.start();
    expect(await checksum(replica)).toBe(await checksum(source));
    expect(await replica.value('SELECT COUNT(*) FROM shop.t')).toBe(31);
  });

  it('follows a log that grows under a waiting replica, and keeps it alive with heartbeats', async () => {
    const [source, replica] = await cluster(mode);
    await write(source, 5, 1000);
    const first = await sourcePlace(source);
    await applied(replica, first);
    await replica.sql('STOP SLAVE');
    await write(source, 5, 1000);
    const middle = await sourcePlace(source);
    await source.sql('FLUSH LOGS');
    await write(source, 5, 1000);
    await source.kill();

    const held = await holdFiles(source.data, first);
    const growing = new GrowingLog(held.ledger, middle);
    const [listener, port] = await listen(
      growing,
      identity,
      { serverId: replica.id },
      { complete: () => growing.open },
    );
    await point(replica, port, mode, ', MASTER_HEARTBEAT_PERIOD=0.3');
    await applied(replica, middle);
    const beats = await heartbeats(replica);
    await until(async () => (await heartbeats(replica)) >= beats + 2, {
      what: 'see two heartbeats come',
      deadlineMs: 15_000,
    });
    expect((await replica.status())['Slave_IO_Running']).toBe('Yes');
    expect(await replica.value('SELECT COUNT(*) FROM shop.t')).toBe(10);
    growing.release();
    await applied(replica, held.end);
    expect(await replica.value('SELECT COUNT(*) FROM shop.t')).toBe(15);
    expect(listener.events.filter(({ kind }) => kind === 'dump-started')).toHaveLength(1);
  });

  it('lets in only the replica it is for, over TLS and with its own password', async () => {
    const [source, replica] = await cluster(mode);
    await write(source, 5, 1000);
    await applied(replica, await sourcePlace(source));
    await replica.sql('STOP SLAVE');
    await write(source, 5, 1000);
    await source.kill();
    const held = await holdFiles(source.data, { file: 'bin.000001', position: 4 });
    const account = (password: string) => ({ user: 'repl', password: new Secret(password) });

    const [, stranger] = await listen(held.ledger, identity, { serverId: 99 });
    await point(replica, stranger, mode);
    await receiverStops(replica, /server id 99, not 2/);

    const [, strict] = await listen(held.ledger, identity, { serverId: 2, account: account('another') });
    await point(replica, strict, mode);
    const refused = await until(
      async () => {
        const status = await replica.status();
        return status['Last_IO_Errno'] === 1045 ? status : undefined;
      },
      { what: 'see access denied', deadlineMs: 15_000 },
    );
    expect(refused['Last_IO_Error']).toContain('Access denied');

    const tls = selfSigned('recovery', Date.now());
    const [listener, port] = await listen(held.ledger, identity, { serverId: 2, account: account('rp') }, { tls });
    await point(replica, port, mode, ', MASTER_SSL=1, MASTER_SSL_VERIFY_SERVER_CERT=0');
    await applied(replica, held.end);
    expect(listener.events[0]).toEqual({ kind: 'logged-in', user: 'repl', tls: true, checked: true });
    expect(await replica.value('SELECT COUNT(*) FROM shop.t')).toBe(10);
  });
});

describe('a replica whose place is not held', () => {
  it('is told so and stops, by coordinates and by GTID', async () => {
    const [source, replica] = await cluster('slave_pos');
    await write(source, 5, 1000);
    const first = await sourcePlace(source);
    await applied(replica, first);
    await replica.sql('STOP SLAVE');
    const place = String(await replica.value('SELECT @@gtid_slave_pos'));
    await write(source, 5, 1000);
    const later = await sourcePlace(source);
    await write(source, 5, 1000);
    await source.kill();
    const whole = await holdFiles(source.data, { ...first, position: 4 });
    const tail = await holdFiles(source.data, later);

    const [, holed] = await listen(tail.ledger, identity, { serverId: 2 });
    await point(replica, holed, 'slave_pos');
    await receiverStops(replica, new RegExp(`cannot start behind GTID ${place}`));

    const [, whole1] = await listen(whole.ledger, identity, { serverId: 2 });
    await replica.sql('STOP SLAVE');
    await replica.sql("SET GLOBAL gtid_slave_pos='0-1-4000'");
    await point(replica, whole1, 'slave_pos');
    await receiverStops(replica, /cannot start behind GTID 0-1-4000: the replica is ahead/);

    await replica.sql('STOP SLAVE');
    for (const [position, text] of [
      [first.position + 1, /no event starts at bin.000001/],
      [90_000_000, /bin.000001:90000000 is not among the bytes/],
    ] as const) {
      await replica.sql(
        `CHANGE MASTER TO MASTER_USE_GTID=no, MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=${String(position)}`,
      );
      await replica.sql('START SLAVE IO_THREAD');
      await receiverStops(replica, text);
      await replica.sql('STOP SLAVE');
    }
  });
});
