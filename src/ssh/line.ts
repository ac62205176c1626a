import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import { asError } from './deadline.js';
import { createGate, type Gate } from './gate.js';
import { WarmShells } from './warm-shells.js';

/** Silence for so many pings in a row means that the connection is dead. */
const silentPings = 10;
/** The ping's interval: a dead connection is noticed after about ten of them, which a briefly frozen host survives. */
export const pingMs = 1000;

/** sshd refused a channel. `reason` is the number of RFC 4254, 5.1. */
export class ChannelRefused extends Error {
  override readonly name = 'ChannelRefused';
  readonly reason: number;

  constructor(reason: number, message: string) {
    super(message);
    this.reason = reason;
  }
}

/** One live, logged-in connection. It watches over itself and ends once; a door makes the next one. */
export class Line {
  readonly sessions: Gate = createGate(8);
  /** None until it is told to keep some: nobody runs anything on a jump host. */
  readonly warm = new WarmShells((text) => this.exec(text), this.sessions);
  /** Resolves with the reason when the connection has ended, by itself or by `close`. Never rejects. */
  readonly ended: Promise<Error>;
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #listeners = new Map<number, (channel: ClientChannel) => void>();
  readonly #pulse: NodeJS.Timeout;
  #reason: Error | undefined;
  #silent = 0;

  /** @param client one that is ready @param socket the stream below it */
  constructor(client: Client, socket: Duplex) {
    this.#client = client;
    this.#socket = socket;
    socket.on('data', () => (this.#silent = 0));
    client.on('error', (error) => (this.#reason ??= error));
    client.on('tcp connection', ({ destPort }, accept, reject) => {
      const listener = this.#listeners.get(destPort);
      if (listener === undefined) reject();
      else listener(accept());
    });
    this.ended = new Promise((resolve) => {
      client.on('close', () => {
        clearInterval(this.#pulse);
        this.warm.close();
        resolve((this.#reason ??= new Error('the connection was closed by the other side')));
      });
    });
    // Ticks are counted, not milliseconds: a thread that was busy for long has not heard, which is not the peer's silence.
    this.#pulse = setInterval(() => {
      this.#silent += 1;
      if (this.#silent > silentPings) this.abandon(new Error(`nothing was heard for ${String(this.#silent)} pings`));
    }, pingMs).unref();
  }

  whyEnded(): Error | undefined {
    return this.#reason;
  }

  exec(text: string): Promise<ClientChannel> {
    return this.#channel((done) => this.#client.exec(text, done));
  }

  forwardOut(address: string, port: number): Promise<ClientChannel> {
    return this.#channel((done) => this.#client.forwardOut('127.0.0.1', 0, address, port, done));
  }

  /** Listens on the host's 127.0.0.1; 0: on a port of the server's choice. */
  forwardIn(accept: (channel: ClientChannel) => void, wanted = 0): Promise<number> {
    return this.#attempt((resolve, reject) => {
      this.#client.forwardIn('127.0.0.1', wanted, (error, port) => {
        if (error !== undefined) return reject(this.#reason ?? error);
        // In the same tick as the answer: the first connection may be in the same packet.
        this.#listeners.set(port, accept);
        resolve(port);
      });
    });
  }

  async stopForwardIn(port: number): Promise<void> {
    this.#listeners.delete(port);
    await this.#attempt<undefined>((resolve) => {
      this.#client.unforwardIn('127.0.0.1', port, () => resolve(undefined));
    });
  }

  /** Resolves when the server has answered something. ssh2 has no ping; cancelling a listener that never was is one. */
  async roundTrip(): Promise<void> {
    await this.stopForwardIn(1);
  }

  /** Ends the connection in good order. */
  close(): void {
    this.#reason ??= new Error('the connection was closed');
    this.warm.close();
    this.#client.end();
    this.#finish();
  }

  /** Drops a connection that is no good any more. */
  abandon(reason: Error): void {
    this.#reason ??= reason;
    clearInterval(this.#pulse);
    this.#socket.destroy();
  }

  /** A peer that does not answer the disconnect must not keep the process alive. */
  #finish(): void {
    clearInterval(this.#pulse);
    setTimeout(() => this.#socket.destroy(), 500).unref();
  }

  #channel(open: (done: (error: Error | undefined, channel: ClientChannel) => void) => void): Promise<ClientChannel> {
    return this.#attempt((resolve, reject) => {
      open((error, channel) => {
        if (error === undefined) resolve(channel);
        else reject(this.#reason ?? refusalOf(error));
      });
    });
  }

  /** ssh2 throws at once on a closed connection; when one ends later it calls back all that wait (1.17). */
  #attempt<T>(work: (resolve: (value: T) => void, reject: (error: Error) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#reason !== undefined) return reject(this.#reason);
      try {
        work(resolve, reject);
      } catch (error) {
        reject(asError(error));
      }
    });
  }
}

function refusalOf(error: Error): Error {
  if (!('reason' in error) || typeof error.reason !== 'number') return error;
  return new ChannelRefused(error.reason, error.message.replace('(SSH) Channel open failure: ', ''));
}
