import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import type { ServeRequest } from '../../src/ports/recovery.js';
import { type Connection, openServing, type Serving } from '../../src/recovery/serving.js';
import type { Door } from '../../src/ports/shell.js';
import { LocalDoor } from './local-door.js';

const opened: { readonly serving: Serving; readonly sockets: Socket[] }[] = [];

afterEach(async () => {
  for (const { serving, sockets } of opened.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await serving.close();
  }
});

/** A listener whose connections do nothing until the test says so. */
async function open(via: ServeRequest['via'], end?: () => Promise<string | undefined>) {
  const connections: Connection[] = [];
  const notices: string[] = [];
  let arrived = (): void => undefined;
  const serving = await openServing(
    { replica: serverId('r', 3306), serverId: 2, via },
    {
      door: new LocalDoor(),
      notice: (text) => notices.push(text),
      serve: (connection) => {
        connections.push(connection);
        arrived();
        const stopped = new Promise<undefined>((resolve) => {
          connection.signal.addEventListener('abort', () => resolve(undefined));
        });
        return end === undefined ? stopped : end();
      },
    },
  );
  const sockets: Socket[] = [];
  opened.push({ serving, sockets });
  const dial = (): Socket => {
    const socket = connect(serving.port, serving.host);
    socket.on('error', () => undefined);
    sockets.push(socket);
    return socket;
  };
  const arrive = async (): Promise<{ socket: Socket; connection: Connection }> => {
    const come = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const socket = dial();
    await come;
    const connection = connections.at(-1);
    if (connection === undefined) throw new Error('nobody came');
    return { socket, connection };
  };
  return { serving, notices, connections, dial, arrive };
}

const tunnel = { kind: 'tunnel' } as const;
const dumpStarted = { kind: 'dump-started', mode: 'coordinates', from: { file: 'b.000001', position: 4 } } as const;

describe('the listener of one replica', () => {
  it.each([tunnel, { kind: 'listen', address: '127.0.0.1' } as const])('hands a connection on (%j)', async (via) => {
    const { arrive, serving } = await open(via);
    const { connection } = await arrive();
    expect(serving.host).toBe('127.0.0.1');
    expect(connection.signal.aborted).toBe(false);
  });

  it('lets the replica that comes back take the place of its dead connection', async () => {
    const { arrive } = await open(tunnel);
    const first = await arrive();
    first.connection.onEvent(dumpStarted);
    const second = await arrive();
    expect(first.connection.signal.aborted).toBe(false);
    second.connection.onEvent(dumpStarted);
    expect(first.connection.signal.aborted).toBe(true);
    expect(second.connection.signal.aborted).toBe(false);
    await once(first.socket, 'close');
  });

  it('turns strangers away when many have come, and keeps the one it serves', async () => {
    const { arrive, dial, connections } = await open(tunnel);
    const replica = await arrive();
    replica.connection.onEvent(dumpStarted);
    for (let i = 0; i < 4; i++) await arrive();
    await once(dial(), 'close');
    expect(connections).toHaveLength(5);
    expect(replica.connection.signal.aborted).toBe(false);
  });

  it('tells how a connection ended when that is news', async () => {
    const { arrive, notices } = await open(tunnel, () => Promise.resolve('r:3306 was refused: no'));
    const { socket } = await arrive();
    await once(socket, 'close');
    expect(notices).toEqual(['r:3306 was refused: no']);
  });

  it('tells when serving failed, and goes on', async () => {
    const { arrive, notices } = await open(tunnel, () => Promise.reject(new Error('disk gone')));
    const { socket } = await arrive();
    await once(socket, 'close');
    expect(notices.join()).toContain('disk gone');
    await arrive();
  });

  it('ends its connections when it is closed', async () => {
    const { arrive, serving } = await open(tunnel);
    const { connection, socket } = await arrive();
    const closed = once(socket, 'close');
    await serving.close();
    expect(connection.signal.aborted).toBe(true);
    await closed;
  });

  it('says which address it could not listen on', async () => {
    await expect(open({ kind: 'listen', address: '192.0.2.1' })).rejects.toMatchObject({
      code: 'RECOVERY_LISTEN_FAILED',
      facts: { replica: 'r:3306', address: '192.0.2.1' },
    });
  });
});

describe('a tunnel whose connection breaks', () => {
  it('is opened again at the port that the replica was told, as soon as its host can be reached', async () => {
    const asked: (number | undefined)[] = [];
    const closed: number[] = [];
    let lose: (reason: string) => void = () => undefined;
    const listenOn: Door['listenOn'] = (_accept, port) => {
      asked.push(port);
      if (asked.length === 2) return Promise.reject(new Error('no route to host'));
      const turn = asked.length;
      const lost = new Promise<string>((resolve) => (lose = resolve));
      return Promise.resolve({ port: port ?? 4711, lost, close: () => Promise.resolve(void closed.push(turn)) });
    };
    const serving = await openServing(
      { replica: serverId('r', 3306), serverId: 2, via: tunnel },
      {
        door: Object.assign(new LocalDoor(), { listenOn }),
        notice: () => undefined,
        serve: () => Promise.resolve(undefined),
      },
    );
    expect(serving.port).toBe(4711);
    lose('reset');
    await expect.poll(() => asked, { timeout: 10_000 }).toEqual([undefined, 4711, 4711]);
    await serving.close();
    expect(closed).toEqual([3]);
    lose('closed');
    await Promise.resolve();
    expect(asked).toHaveLength(3);
  });
});
