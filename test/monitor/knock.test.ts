import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { knock, listenForGreeting } from '../../src/monitor/knock.js';

const servers: Server[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

async function listen(greet: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    greet(socket);
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('knock', () => {
  it('hears a server that speaks', async () => {
    const port = await listen((socket) => socket.write('greeting'));
    expect(await knock('127.0.0.1', port, 2_000)).toBe('speaks');
  });

  it('hands over the connection with what was said still to be read, and that of nobody else', async () => {
    const taken: string[] = [];
    const takeLeave = (stream: Duplex): void => {
      stream.once('data', (said: Buffer) => {
        taken.push(String(said));
        stream.destroy();
      });
      stream.resume();
    };
    const speaking = connect(await listen((socket) => socket.write('greeting')), '127.0.0.1');
    expect(await listenForGreeting(speaking, 2_000, takeLeave)).toBe('speaks');
    await once(speaking, 'close');
    const silent = connect(await listen(() => undefined), '127.0.0.1');
    expect(await listenForGreeting(silent, 50, takeLeave)).toBe('silent');
    expect([taken, silent.destroyed]).toEqual([['greeting'], true]);
  });

  it('tells one that accepts and says nothing, or closes', async () => {
    expect(await knock('127.0.0.1', await listen(() => undefined), 50)).toBe('silent');
    expect(await knock('127.0.0.1', await listen((socket) => socket.destroy()), 2_000)).toBe('silent');
  });

  it('is refused where nobody listens, however often it asks and whatever port its own end gets', async () => {
    const port = await listen(() => undefined);
    const [server] = servers.splice(0);
    await new Promise((resolve) => server?.close(resolve));
    for (let turn = 0; turn < 300; turn += 1) expect(await knock('127.0.0.1', port, 2_000)).toBe('refused');
  });

  it('cannot reach what has no address', async () => {
    expect(await knock('no-such-host.invalid', 3306, 2_000)).toBe('no-answer');
  });
});
