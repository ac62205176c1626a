import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import type { ServedLog } from '../../src/binlog/served-log.js';
import type { SourceIdentity } from '../../src/binlog/source/queries.js';
import {
  type ReplicaGuard,
  type ServeEnding,
  type ServeOptions,
  type SourceEvent,
  serveReplica,
} from '../../src/binlog/source/serve-replica.js';
import type { Clock } from '../../src/ports/clock.js';

const clock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      });
    }),
};

/** The recovery source on a loopback port, for one replica; keeps what happened. */
export class RecoveryListener {
  readonly events: SourceEvent[] = [];
  readonly endings: ServeEnding[] = [];
  readonly #server: Server;
  readonly #stop = new AbortController();
  #serving = new Set<Promise<void>>();

  constructor(
    log: ServedLog,
    identity: SourceIdentity,
    guard: ReplicaGuard,
    options: Partial<ServeOptions> & { readonly onSource?: (event: SourceEvent, cut: () => void) => void } = {},
  ) {
    this.#server = createServer((socket) => {
      const { onSource, ...rest } = options;
      const onEvent = (event: SourceEvent): void => {
        if (event.kind !== 'sent') this.events.push(event);
        onSource?.(event, () => socket.destroy());
      };
      const given: ServeOptions = { open: (path) => open(path, 'r'), clock, complete: () => true, ...rest, onEvent };
      const serving = serveReplica(socket, log, identity, guard, given, this.#stop.signal).then(
        (ending) => void this.endings.push(ending),
      );
      this.#serving.add(serving);
    });
  }

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  }

  /** Ends all connections; rejects when serving one of them failed. */
  async close(): Promise<void> {
    this.#server.close();
    this.#stop.abort();
    await Promise.all(this.#serving);
  }
}
