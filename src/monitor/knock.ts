import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Knock, PortSight, TakeLeave } from '../ports/knock.js';

/**
 * Waits for the server's first byte. A server that lives sends its greeting (or an error) without being asked.
 * @param takeLeave is given the connection of one that spoke; without it that is closed as well
 */
export function listenForGreeting(stream: Duplex, deadlineMs: number, takeLeave?: TakeLeave): Promise<PortSight> {
  return new Promise((resolve) => {
    let ended = false;
    const timer = setTimeout(() => finish('silent'), deadlineMs);
    const finish = (sight: PortSight, said?: Buffer): void => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      // A late error of a stream that is not needed any more must not end the process.
      stream.on('error', () => undefined);
      if (said !== undefined && takeLeave !== undefined) {
        stream.pause();
        stream.unshift(said);
        takeLeave(stream);
      } else stream.destroy();
      resolve(sight);
    };
    stream.once('data', (said: Buffer) => finish('speaks', said));
    // Accepted and closed without a word: something is there that does not serve.
    stream.once('end', () => finish('silent'));
    stream.once('close', () => finish('silent'));
    stream.once('error', () => finish('silent'));
  });
}

function sightOf(error: Error): PortSight {
  return 'code' in error && error.code === 'ECONNREFUSED' ? 'refused' : 'no-answer';
}

/**
 * Where nobody listens on a port of this very machine, the kernel may happen to choose that port for our own end, and
 * the connection then meets itself (TCP simultaneous open). That is a refusal that got lost.
 */
function isItself({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}

/** The port probe: the one place of this room that opens a socket. The deadline covers connecting and listening. */
export const knock: Knock = (address, port, deadlineMs) =>
  new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const startedAt = performance.now();
    const timer = setTimeout(() => finish('no-answer'), deadlineMs);
    const finish = (sight: PortSight): void => {
      clearTimeout(timer);
      socket.on('error', () => undefined);
      socket.destroy();
      resolve(sight);
    };
    socket.once('error', (error) => finish(sightOf(error)));
    socket.once('connect', () => {
      clearTimeout(timer);
      if (isItself(socket)) {
        finish('refused');
        return;
      }
      socket.removeAllListeners('error');
      const left = Math.max(1, deadlineMs - (performance.now() - startedAt));
      void listenForGreeting(socket, left).then(resolve);
    });
  });
