import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../src/model/fault.js';
import { Secret } from '../../src/model/secret.js';
import { type ServerId, serverId } from '../../src/model/settings.js';
import { formatStatement, statement } from '../../src/model/statement.js';
import { probeAccount } from '../../src/mysql/account-probe.js';
import { factsReader } from '../../src/mysql/facts.js';
import { listenForGreeting } from '../../src/monitor/knock.js';
import { pingOpener } from '../../src/mysql/ping.js';
import { openServersAt } from '../../src/mysql/servers.js';
import { leaveAs } from '../../src/mysql/take-leave.js';
import type { Target } from '../../src/mysql/target.js';
import type { TakeLeave } from '../../src/ports/knock.js';
import type { Servers } from '../../src/ports/servers.js';
import { until, within } from '../../src/sandbox/wait.js';
import { makeNursery, PlainServer, removeNursery } from './plain-server.js';

const options = { deadlineMs: 10_000 };
/** Holds everything that a careless escaping would trip over. */
const password = new Secret(`it's "a\\" canary \\`);

let nursery: string;
let source: PlainServer;
let replica: PlainServer;
const opened: Servers[] = [];

function target(port: number, secret = password, user = 'adm'): Target & { readonly server: ServerId } {
  return { server: serverId('127.0.0.1', port), address: '127.0.0.1', port, account: { user, password: secret } };
}

function open(...ports: readonly number[]): Servers {
  const servers = openServersAt(ports.map((port) => target(port)));
  opened.push(servers);
  return servers;
}

const idOf = (server: PlainServer): ServerId => serverId('127.0.0.1', server.port);

async function makeAccounts(server: PlainServer): Promise<void> {
  const servers = openServersAt([target(server.port, new Secret(''), 'root')]);
  await server.sql("GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION");
  await servers.run(
    idOf(server),
    [
      statement("CREATE USER adm@'127.0.0.1' IDENTIFIED BY ?", password),
      statement("GRANT ALL ON *.* TO adm@'127.0.0.1' WITH GRANT OPTION"),
      statement("CREATE USER repl@'127.0.0.1' IDENTIFIED BY ?", password),
      statement("GRANT REPLICATION SLAVE ON *.* TO repl@'127.0.0.1'"),
      statement("CREATE USER guest@'127.0.0.1' IDENTIFIED BY ?", password),
    ],
    options,
  );
  await servers.close();
}

beforeAll(async () => {
  nursery = await makeNursery();
  source = new PlainServer(nursery, 1, ['--sql-mode=NO_BACKSLASH_ESCAPES']);
  replica = new PlainServer(nursery, 2);
  await Promise.all([source.start(), replica.start()]);
  await Promise.all([makeAccounts(source), makeAccounts(replica)]);
});

afterAll(async () => {
  await Promise.all(opened.map((servers) => servers.close()));
  await Promise.all([source.kill(), replica.kill()]);
  await removeNursery(nursery);
});

describe('a pair of servers', () => {
  it('is set up, observed and waited for with the dialect', async () => {
    const servers = open(source.port, replica.port);
    await servers.observe(5000);
    const dialect = servers.dialect(idOf(replica));
    const start = await servers.binlogEnd(idOf(source), options);
    if (start === undefined) throw new Error('the source has no binary log');
    const change = {
      channel: '',
      host: '127.0.0.1',
      port: source.port,
      user: 'repl',
      password,
      from: { by: 'coordinates', at: start.at },
      connectRetry: 1,
      heartbeatSeconds: 2,
    } as const;
    await servers.run(idOf(replica), [...dialect.pointTo(change), ...dialect.startReplication('')], options);
    await source.sql('CREATE DATABASE d');
    await source.sql('CREATE TABLE d.t (a INT PRIMARY KEY)');
    const end = await servers.binlogEnd(idOf(source), options);
    if (end === undefined) throw new Error('the source has no binary log');
    const [row] = await servers.ask(idOf(replica), dialect.waitForPosition('', end.at, 5), options);
    expect(Number(row?.['answer'])).toBeGreaterThanOrEqual(0);

    const picture = await servers.observe(5000);
    expect(picture.servers.get(idOf(source))).toMatchObject({
      kind: 'answered',
      state: {
        serverId: 1,
        logBin: true,
        readOnly: false,
        channels: [],
        binlogEnd: end.at,
        gtid: { binlogPos: end.gtid },
      },
    });
    expect(picture.servers.get(idOf(replica))).toMatchObject({
      kind: 'answered',
      state: {
        serverId: 2,
        version: { vendor: 'mariadb' },
        relayLogPurge: true,
        channels: [
          {
            sourcePort: source.port,
            sourceUser: 'repl',
            sourceServerId: 1,
            receiver: 'running',
            applier: 'running',
            received: end.at,
            executed: end.at,
            mode: 'coordinates',
            connectRetry: 1,
            heartbeatSeconds: 2,
          },
        ],
      },
    });
  });

  it('is read whatever limits the server sets for everybody', async () => {
    await source.sql('SET GLOBAL max_join_size=1, GLOBAL sql_select_limit=1, GLOBAL autocommit=0');
    const picture = await open(source.port).observe(5000);
    await source.sql('SET GLOBAL max_join_size=DEFAULT, GLOBAL sql_select_limit=DEFAULT, GLOBAL autocommit=1');
    expect(picture.servers.get(idOf(source))).toMatchObject({ kind: 'answered', state: { serverId: 1, logBin: true } });
  });

  it('a look at the status is not queued behind a wait function', async () => {
    const servers = open(replica.port);
    await servers.observe(5000);
    const beyond = { file: 'bin.000099', position: 4 };
    const wait = servers.ask(idOf(replica), servers.dialect(idOf(replica)).waitForPosition('', beyond, 2), options);
    const settled: string[] = [];
    await Promise.all([
      wait.then(() => settled.push('wait')),
      servers.channels(idOf(replica), options).then(() => settled.push('look')),
    ]);
    expect(settled).toEqual(['look', 'wait']);
    expect((await wait)[0]).toEqual({ answer: -1 });
  });

  it('receives exactly the statements that are printed', async () => {
    const servers = open(replica.port);
    await servers.observe(5000);
    const statements = [...servers.dialect(idOf(replica)).relayLogPurge(false), statement('SELECT ?, ?', "it's", 7)];
    await replica.sql("SET GLOBAL log_output='TABLE', general_log=1");
    await servers.run(idOf(replica), statements, options);
    await replica.sql('SET GLOBAL general_log=0');
    const log = await replica.sql(
      "SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log WHERE command_type='Query'",
    );
    const received = log.map((row) => String(row['text']));
    for (const item of statements) expect(received).toContain(formatStatement(item));
    await replica.sql('SET GLOBAL relay_log_purge=1');
  });

  it('tells the facts that checks want', async () => {
    await source.sql('CREATE TABLE d.old (a INT) ENGINE=MyISAM');
    await source.sql('CREATE EVENT d.tick ON SCHEDULE EVERY 1 DAY DO SELECT 1');
    const facts = await factsReader(open(source.port))(idOf(source), options);
    expect(facts.nonTransactionalTables).toEqual({ known: true, value: ['d.old'] });
    expect(facts.events).toEqual({ known: true, value: [{ name: 'd.tick', status: 'enabled' }] });
    expect(facts.replicationAccounts.known && facts.replicationAccounts.value).toContainEqual({
      user: 'repl',
      host: '127.0.0.1',
    });
    expect(facts.readOnlyBypassers.known && facts.readOnlyBypassers.value).toContainEqual({
      user: 'adm',
      host: '127.0.0.1',
    });
    expect(facts.dumps).toMatchObject({ known: true, value: [{ user: 'repl' }] });
  });
});

describe('a deadline', () => {
  it('ends the statement on the server too', async () => {
    const servers = open(source.port);
    const asked = servers.ask(idOf(source), statement('SELECT SLEEP(60) /* ours */'), { deadlineMs: 200 });
    await expect(asked).rejects.toSatisfy((error) => isFault(error, 'SQL_NO_ANSWER'));
    await until(
      async () => {
        const rows = await source.sql(
          "SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60)%'",
        );
        return rows.length === 0;
      },
      { what: 'see the statement gone from the process list', deadlineMs: 15_000 },
    );
  });

  it('and so does an abort', async () => {
    const servers = open(source.port);
    const stop = new AbortController();
    const asked = servers.ask(idOf(source), statement('SELECT SLEEP(61)'), { ...options, signal: stop.signal });
    await until(
      async () => {
        const rows = await source.sql("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(61)'");
        return rows.length === 1;
      },
      { what: 'see it run', deadlineMs: 15_000 },
    );
    stop.abort(new Error('stopped by hand'));
    await expect(asked).rejects.toThrow('stopped by hand');
    await until(
      async () => {
        const rows = await source.sql("SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO = 'SELECT SLEEP(61)'");
        return rows.length === 0;
      },
      { what: 'see it gone', deadlineMs: 15_000 },
    );
  });
});

describe('closing', () => {
  it('ends what is still asked, before it is answered', async () => {
    const servers = openServersAt([target(source.port)]);
    await servers.observe(5000);
    const asked = servers.ask(idOf(source), statement('SELECT SLEEP(120)'), { deadlineMs: 150_000 });
    const held = await servers.hold(idOf(source), options);
    const outcome = expect(asked).rejects.toSatisfy((error) => isFault(error, 'SQL_CONNECTION_LOST'));
    await servers.close();
    await outcome;
    await expect(held.ask(statement('SELECT 1'), options)).rejects.toThrow('closed by us');
    await expect(servers.ask(idOf(source), statement('SELECT 1'), options)).rejects.toThrow('closed by us');
  });
});

describe('sessions', () => {
  it('hold a lock for as long as they live', async () => {
    const servers = open(source.port);
    await servers.observe(5000);
    const take = servers.dialect(idOf(source)).takeLock('a lock', 0);
    const first = await servers.hold(idOf(source), options);
    const second = await servers.hold(idOf(source), options);
    expect(await first.ask(take, options)).toEqual([{ answer: 1 }]);
    expect(await second.ask(take, options)).toEqual([{ answer: 0 }]);
    first.close();
    expect(await second.ask(statement("SELECT GET_LOCK('a lock', 5) AS answer"), options)).toEqual([{ answer: 1 }]);
    second.close();
  });

  it('block writes until they let go, and the server stays read only', async () => {
    const servers = open(source.port);
    await servers.observe(5000);
    const dialect = servers.dialect(idOf(source));
    const held = await servers.hold(idOf(source), options);
    await held.run(dialect.lockWrites(5), options);
    const blocked = servers.run(idOf(source), [statement('INSERT INTO d.t VALUES (1)')], { deadlineMs: 300 });
    await expect(blocked).rejects.toSatisfy((error) => isFault(error, 'SQL_NO_ANSWER'));
    await held.run(dialect.unlockWrites(), options);
    expect(await servers.reach(idOf(source), 5000)).toMatchObject({ state: { readOnly: true } });
    await servers.run(idOf(source), dialect.readOnly(false), options);
    held.close();
  });

  it('open transactions are seen, with changes only, and not our own', async () => {
    const servers = open(source.port);
    const other = open(source.port);
    const held = await other.hold(idOf(source), options);
    const own = await servers.hold(idOf(source), options);
    for (const session of [held, own]) await session.run([statement('BEGIN')], options);
    await held.run([statement('SELECT * FROM d.t')], options);
    expect(await servers.openTransactions(idOf(source), options)).toEqual([]);
    await held.run([statement('INSERT INTO d.t VALUES (50)')], options);
    await own.run([statement('INSERT INTO d.t VALUES (51)')], options);
    expect(await servers.openTransactions(idOf(source), options)).toMatchObject([
      { user: 'adm', id: expect.stringMatching(/^\d+$/) as string },
    ]);
    held.close();
    own.close();
  });
});

describe('what an attempt to connect shows', () => {
  const listeners: Server[] = [];
  const sockets: Socket[] = [];

  async function listen(accept: (socket: Socket) => void): Promise<number> {
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      accept(socket);
    });
    listeners.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  afterAll(() => {
    for (const socket of sockets) socket.destroy();
    for (const server of listeners) server.close();
  });

  const reach = (port: number, deadlineMs = 5000): ReturnType<Servers['reach']> =>
    open(port).reach(serverId('127.0.0.1', port), deadlineMs);

  it('a wrong password: alive, and the password is nowhere', async () => {
    const servers = openServersAt([target(source.port, new Secret('wrong-canary'))]);
    const seen = await servers.reach(idOf(source), 5000);
    await servers.close();
    expect(seen).toMatchObject({ kind: 'refused-us', errno: 1045 });
    expect(JSON.stringify(seen)).not.toContain('canary');
  });

  it('a port where nobody listens: refused', async () => {
    const port = await listen(() => undefined);
    listeners.pop()?.close();
    expect(await reach(port)).toMatchObject({ kind: 'port-refused' });
  });

  it('a port that accepts and never speaks: no answer, at the deadline', async () => {
    const port = await listen(() => undefined);
    expect(await reach(port, 300)).toMatchObject({ kind: 'no-answer', message: 'no login within 300 ms' });
  });

  it('a port that accepts and closes: no answer, before the deadline', async () => {
    const port = await listen((socket) => socket.end());
    const seen = await reach(port, 20_000);
    expect(seen).toMatchObject({ kind: 'no-answer' });
    expect(JSON.stringify(seen)).not.toContain('no login within');
  });

  const packet = Buffer.concat([Buffer.from([0, 0, 0, 0, 0xff, 0x10, 0x04]), Buffer.from('Too many connections')]);
  packet[0] = packet.length - 4;

  it('too many connections, said instead of a greeting: alive', async () => {
    const port = await listen((socket) => socket.end(packet));
    expect(await reach(port, 500)).toMatchObject({ kind: 'refused-us', errno: 1040 });
  });

  it('too many connections for a moment: it comes again', async () => {
    let turn = 0;
    const port = await listen((socket) => {
      if ((turn += 1) <= 3) return socket.end(packet);
      const far = connect(source.port, '127.0.0.1').on('error', () => socket.destroy());
      sockets.push(far);
      return socket.pipe(far).pipe(socket);
    });
    const held = await open(port).hold(serverId('127.0.0.1', port), options);
    held.close();
    expect(turn).toBe(4);
  });
});

describe('the replication account', () => {
  const probe = (user: string, secret = password): ReturnType<typeof probeAccount> => {
    const through = async (): Promise<Socket> => {
      const socket = connect(source.port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    };
    return probeAccount({ ...target(source.port, secret, user), open: through }, { deadlineMs: 5000 });
  };

  it('is tried over a stream that comes from elsewhere', async () => {
    expect(await probe('repl')).toEqual({ kind: 'ok' });
    expect(await probe('repl', new Secret('wrong'))).toMatchObject({ kind: 'denied' });
    // It may read what others are granted.
    await source.sql("GRANT SELECT ON *.* TO guest@'127.0.0.1'");
    expect(await probe('guest')).toEqual({
      kind: 'denied',
      message: "'guest' logs in, but lacks the REPLICATION SLAVE privilege",
    });
  });

  it('has what its default role has, as a replica has it', async () => {
    await source.sql('CREATE ROLE replicator');
    await source.sql('GRANT REPLICATION SLAVE ON *.* TO replicator');
    await source.sql("GRANT replicator TO guest@'127.0.0.1'");
    const lacks = { kind: 'denied', message: "'guest' logs in, but lacks the REPLICATION SLAVE privilege" };
    expect(await probe('guest')).toEqual(lacks);
    await source.sql("SET DEFAULT ROLE replicator FOR guest@'127.0.0.1'");
    expect(await probe('guest')).toEqual({ kind: 'ok' });
    await source.sql('DROP ROLE replicator');
    expect(await probe('guest')).toEqual(lacks);
  });

  it('a stream that cannot be opened tells nothing', async () => {
    const broken = { ...target(source.port), open: () => Promise.reject(new Error('forwarding is off')) };
    expect(await probeAccount(broken, { deadlineMs: 5000 })).toEqual({
      kind: 'cannot-tell',
      message: 'forwarding is off',
    });
  });
});

describe('a look at whether the server greets', () => {
  const abortedConnects = async (): Promise<number> =>
    Number((await source.sql("SHOW GLOBAL STATUS LIKE 'Aborted_connects'"))[0]?.['Value']);
  const greeted = async (takeLeave?: TakeLeave): Promise<void> => {
    const socket = connect(source.port, '127.0.0.1');
    const closed = once(socket, 'close');
    expect(await listenForGreeting(socket, 5000, takeLeave)).toBe('speaks');
    await closed;
  };

  it('is left by a login: a hundred broken handshakes in a row, and the server shuts the address out', async () => {
    const before = await abortedConnects();
    for (let turn = 0; turn < 3; turn += 1) await greeted(leaveAs({ user: 'guest', password }));
    // What is closed in the middle of the handshake is what counts.
    await greeted();
    const counted = async (): Promise<boolean> => (await abortedConnects()) > before;
    await until(counted, { what: 'see the broken handshake counted', deadlineMs: 5000 });
    expect(await abortedConnects()).toBe(before + 1);
  });
});

describe("the health loop's connection", () => {
  it.each(['SELECT', 'CONNECT', 'INSERT'] as const)('%s: fine on a healthy server', async (type) => {
    const opening = await pingOpener(target(source.port), type, 1000)(5000);
    if (opening.kind !== 'open') throw new Error(opening.message);
    expect(await opening.ping.check(5000)).toEqual({ kind: 'ok' });
    expect(await opening.ping.check(5000)).toEqual({ kind: 'ok' });
    opening.ping.close();
  });

  it('INSERT on a server that is read only: alive', async () => {
    const opening = await pingOpener(target(source.port, password, 'guest'), 'INSERT', 1000)(5000);
    if (opening.kind !== 'open') throw new Error(opening.message);
    expect(await opening.ping.check(5000)).toMatchObject({ kind: 'refused-us', errno: 1142 });
    opening.ping.close();
  });

  it('gets its own lock back when the server has not noticed the end of the connection that held it', async () => {
    const open = pingOpener(target(source.port), 'SELECT', 1000);
    const [former, present] = [await open(5000), await open(5000)];
    if (former.kind !== 'open' || present.kind !== 'open') throw new Error('no connection');
    expect(await former.ping.takeLock(0, 5000)).toBe('taken');
    expect(await present.ping.takeLock(1, 5000)).toBe('taken');
    expect(await former.ping.lost).toMatch(/closed/);
    expect(await present.ping.check(5000)).toEqual({ kind: 'ok' });
    present.ping.close();
  });

  it('lets one manager watch a source', async () => {
    const first = await pingOpener(target(source.port), 'SELECT', 1000)(5000);
    const second = await pingOpener(target(source.port), 'SELECT', 1000)(5000);
    if (first.kind !== 'open' || second.kind !== 'open') throw new Error('not opened');
    expect(await first.ping.takeLock(0, 5000)).toBe('taken');
    expect(await second.ping.takeLock(0, 5000)).toBe('held-elsewhere');
    first.ping.close();
    expect(await second.ping.takeLock(5, 6000)).toBe('taken');
    second.ping.close();
  });

  it('fails at its deadline on a server that hangs', async () => {
    const opening = await pingOpener(target(replica.port), 'SELECT', 1000)(5000);
    if (opening.kind !== 'open') throw new Error(opening.message);
    const pid = Number(await readFile(`${replica.folder}/pid`, 'utf8'));
    process.kill(pid, 'SIGSTOP');
    try {
      // The signal takes a moment to reach every thread.
      await until(async () => (await opening.ping.check(300)).kind === 'failed', {
        what: 'see a check fail',
        deadlineMs: 15_000,
      });
      expect(await pingOpener(target(replica.port), 'SELECT', 1000)(300)).toMatchObject({ kind: 'no-answer' });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('tells of kill -9 unasked, and a restarted server is found again', async () => {
    const servers = open(replica.port);
    await servers.observe(5000);
    const opening = await pingOpener(target(replica.port), 'SELECT', 1000)(5000);
    if (opening.kind !== 'open') throw new Error(opening.message);
    const held = await servers.hold(idOf(replica), options);
    await replica.kill();
    // Nobody asks anything: the closed connections tell by themselves.
    await within(Promise.all([opening.ping.lost, held.lost]), 'hear of the death', 10_000);
    expect(await opening.ping.check(5000)).toMatchObject({ kind: 'failed' });
    expect(await pingOpener(target(replica.port), 'SELECT', 1000)(5000)).toMatchObject({ kind: 'port-refused' });
    await replica.start();
    expect(await servers.reach(idOf(replica), 10_000)).toMatchObject({ kind: 'answered', state: { serverId: 2 } });
  });
});
