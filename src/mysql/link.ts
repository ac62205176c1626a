import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, isFault } from '../model/fault.js';
import { isTooBusy } from '../model/too-busy.js';
import type { AskOptions } from '../ports/servers.js';
import { remaining } from './before-deadline.js';
import { connect } from './connect.js';
import type { Connection } from './connection.js';
import { type Identity, identify } from './identity.js';
import type { Target } from './target.js';
import { showVariables, toVariables } from './variables.js';

/** Idle connections that are kept: one for work and one for looking on while the first is waiting. */
const kept = 2;

/** Clients that lost their source may fill a replica for a moment, each for a short while. */
const busyMs = 2_000;
const pauseMs = 50;

/**
 * The connections to one server. Each piece of work has one for itself, so a status look is never queued behind a wait
 * function; afterwards it stays warm for the next.
 */
export class Link {
  readonly #target: Target;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  #identity: Identity | undefined;
  #closed = false;

  constructor(target: Target) {
    this.#target = target;
  }

  get server(): string {
    return this.#target.server;
  }

  get known(): Identity | undefined {
    return this.#identity;
  }

  /** Kept for later: an observation has read it anyway, and a server may have been upgraded meanwhile. */
  remember(identity: Identity): void {
    this.#identity = identity;
  }

  /** Connections of ours to this server, by the server's own numbers. */
  ownConnections(): ReadonlySet<number> {
    this.#dropClosed();
    return new Set([...this.#idle, ...this.#busy].map((connection) => connection.threadId));
  }

  /** Does work on a connection of its own, connecting if none is idle. The deadline covers all of it. */
  async use<T>(options: AskOptions, work: (connection: Connection, rest: AskOptions) => Promise<T>): Promise<T> {
    const since = performance.now();
    const connection = this.#takeIdle() ?? (await this.#connect(options, () => this.#takeIdle()));
    this.#busy.add(connection);
    try {
      return await work(connection, { ...options, deadlineMs: remaining(options.deadlineMs, since) });
    } finally {
      this.#giveBack(connection);
    }
  }

  /**
   * The same for work that only reads: when a warm connection turns out to be dead, it is done once more on a new one. A
   * server that was restarted is then seen as it is now.
   */
  async read<T>(options: AskOptions, work: (connection: Connection, rest: AskOptions) => Promise<T>): Promise<T> {
    const since = performance.now();
    const wasWarm = this.#idle.some((connection) => connection.isOpen);
    try {
      return await this.use(options, work);
    } catch (error) {
      if (!wasWarm || !isFault(error, 'SQL_CONNECTION_LOST')) throw error;
      this.#dropIdle();
      return this.use({ ...options, deadlineMs: remaining(options.deadlineMs, since) }, work);
    }
  }

  /** What kind of server this is; asked for once. */
  async identity(connection: Connection, options: AskOptions): Promise<Identity> {
    this.#identity ??= identify(this.server, toVariables(await connection.ask(showVariables, options)));
    return this.#identity;
  }

  /** A new connection that is not shared; its owner closes it. Closing the link closes it too. */
  async hold(options: AskOptions): Promise<Connection> {
    const connection = await this.#connect(options);
    this.#dropClosed();
    this.#busy.add(connection);
    return connection;
  }

  close(): void {
    this.#closed = true;
    this.#dropIdle();
    for (const connection of this.#busy) connection.close();
    this.#busy.clear();
  }

  /**
   * Comes again where there is no room at the moment: a run asks for more than the connection that was kept warm. Meanwhile
   * the work on that one may end, and then it will do.
   */
  async #connect(options: AskOptions, takeFreed: () => Connection | undefined = () => undefined): Promise<Connection> {
    const since = performance.now();
    for (;;) {
      if (this.#closed) throw new Fault('SQL_CONNECTION_LOST', { server: this.server, message: 'closed by us' });
      const rest = { ...options, deadlineMs: remaining(options.deadlineMs, since) };
      try {
        return await connect(this.#target, rest);
      } catch (error) {
        const isLate = performance.now() - since + pauseMs > Math.min(busyMs, options.deadlineMs);
        if (isLate || !isFault(error, 'SQL_NOT_CONNECTED') || !isTooBusy(error.facts['errno'])) throw error;
        await sleep(pauseMs);
        options.signal?.throwIfAborted();
        const freed = takeFreed();
        if (freed !== undefined) return freed;
      }
    }
  }

  #takeIdle(): Connection | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.isOpen) return connection;
    }
  }

  #giveBack(connection: Connection): void {
    this.#busy.delete(connection);
    if (!connection.isOpen) return;
    if (this.#closed || this.#idle.length >= kept) connection.close();
    else this.#idle.push(connection);
  }

  /** Held connections are closed by their owners, who do not say so here. */
  #dropClosed(): void {
    for (const connection of this.#busy) if (!connection.isOpen) this.#busy.delete(connection);
  }

  #dropIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
  }
}
