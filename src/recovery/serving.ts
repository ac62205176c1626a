import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SourceEvent } from '../binlog/source/serve-replica.js';
import { describeError, Fault } from '../model/fault.js';
import type { ServeRequest } from '../ports/recovery.js';
import type { Door } from '../ports/shell.js';

/** Connections that have not yet said who they are; more at once are turned away. */
const maxStrangers = 4;

export interface ServingParts {
  readonly door: Door;
  /** Serves one connection until it ends. Says in words how it ended when a person should hear of it. */
  readonly serve: (connection: Connection) => Promise<string | undefined>;
  readonly notice: (text: string) => void;
}

export interface Connection {
  readonly stream: Duplex;
  readonly onEvent: (event: SourceEvent) => void;
  readonly signal: AbortSignal;
}

export interface Serving {
  readonly host: string;
  readonly port: number;
  /** Closes the listener, then the connections. */
  close(): Promise<void>;
}

interface Listener {
  readonly host: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * One replica's listener. One connection is served at a time: one that has proven to be the replica and asks for
 * events takes the place of the one before, which is then a dead one; a stranger takes nobody's place.
 */
export async function openServing(request: ServeRequest, parts: ServingParts): Promise<Serving> {
  const connections = new Set<AbortController>();
  const work = new Set<Promise<void>>();
  let dumping: AbortController | undefined;
  let isClosed = false;

  const accept = (stream: Duplex): void => {
    const control = new AbortController();
    const strangers = [...connections].filter((one) => one !== dumping).length;
    stream.on('error', () => undefined); // Its end is told by whoever serves it.
    if (isClosed || strangers >= maxStrangers) {
      stream.destroy();
      return;
    }
    connections.add(control);
    const onEvent = (event: SourceEvent): void => {
      if (event.kind !== 'dump-started') return;
      if (dumping !== control) dumping?.abort();
      dumping = control;
    };
    const serving = serveOne(parts, { stream, onEvent, signal: control.signal }).finally(() => {
      connections.delete(control);
      if (dumping === control) dumping = undefined;
      work.delete(serving);
    });
    work.add(serving);
  };

  const listener =
    request.via.kind === 'tunnel'
      ? await keepTunnel(parts.door, accept, (reason) => {
          if (work.size > 0) parts.notice(`the tunnel to ${request.replica} is lost: ${reason}`);
        })
      : await listen(request, accept, parts.notice);
  return {
    host: listener.host,
    port: listener.port,
    close: async () => {
      isClosed = true;
      // A listener may count as closed only when its connections are gone too.
      const closing = listener.close();
      for (const control of connections) control.abort();
      await Promise.all([closing, ...work]);
    },
  };
}

async function serveOne(parts: ServingParts, connection: Connection): Promise<void> {
  try {
    const text = await parts.serve(connection);
    if (text !== undefined) parts.notice(text);
  } catch (error) {
    parts.notice(`serving a replica failed: ${describeError(error)}`);
  } finally {
    connection.stream.destroy();
  }
}

/** Before each try to open a tunnel again: the replica's receiver comes once a second. */
const againMs = 500;

/**
 * A tunnel ends with its connection, and the replica goes on calling at the port that it was told: that one is opened again
 * as soon as the host can be reached.
 */
async function keepTunnel(
  door: Door,
  accept: (stream: Duplex) => void,
  onLost: (reason: string) => void,
): Promise<Listener> {
  const closing = new AbortController();
  const isClosed = (): boolean => closing.signal.aborted;
  let present = await door.listenOn(accept);
  const { port } = present;
  const openAgain = async (): Promise<void> => {
    for (;;) {
      await sleep(againMs, undefined, { signal: closing.signal }).catch(() => undefined);
      if (isClosed()) return;
      try {
        const opened = await door.listenOn(accept, port);
        if (isClosed()) await opened.close();
        present = opened;
        return;
      } catch {
        // Its host cannot be reached yet, or its old connection still holds the port there.
      }
    }
  };
  const keep = async (): Promise<void> => {
    while (present.lost !== undefined) {
      const reason = await present.lost;
      if (isClosed()) return;
      onLost(reason);
      await openAgain();
    }
  };
  void keep();
  return {
    host: '127.0.0.1',
    port,
    close: () => {
      closing.abort();
      return present.close();
    },
  };
}

async function listen(
  request: ServeRequest,
  accept: (stream: Duplex) => void,
  notice: (text: string) => void,
): Promise<Listener> {
  const address = request.via.kind === 'listen' ? request.via.address : '127.0.0.1';
  const server = createServer({ noDelay: true }, accept);
  try {
    server.listen(0, address);
    await once(server, 'listening');
  } catch (error) {
    const facts = { replica: request.replica, address, message: describeError(error) };
    throw new Fault('RECOVERY_LISTEN_FAILED', facts, { cause: error });
  }
  server.on('error', (error) => {
    notice(`the listener for ${request.replica} failed: ${describeError(error)}`);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the listener has no port');
  return {
    host: address,
    port: bound.port,
    // Takes no new connection from now on; the present ones end by their own signals.
    close: () => {
      server.close();
      return Promise.resolve();
    },
  };
}
