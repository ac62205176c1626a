import { Fault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { OpenPing, Ping } from '../ports/ping.js';

/** What one check came to. A server that refuses us is alive, and yet nobody could say that it serves. */
export type Check =
  | { readonly kind: 'ok' }
  | { readonly kind: 'refused-us'; readonly message: string }
  | { readonly kind: 'miss'; readonly message: string };

export interface HealthConnectionOptions {
  readonly source: ServerId;
  readonly intervalMs: number;
  readonly openPing: OpenPing;
  /** Called when a new connection holds the lock. */
  readonly onConnect: () => void;
}

/** The lock is waited for as long as a dead manager's session may last (MHA), in intervals. */
const lockIntervals = 4;

/** The one connection to the source: made where there is none, locked against other managers, checked, dropped. */
export class HealthConnection {
  readonly #options: HealthConnectionOptions;
  #ping: Ping | undefined;
  #closed = false;
  /** Why the present connection broke by itself. */
  #broken: string | undefined;
  #onBreak: ((reason: string) => void) | undefined;

  constructor(options: HealthConnectionOptions) {
    this.#options = options;
  }

  /**
   * Waits for the work, but no longer than the present connection lasts; gives the reason when that broke first. One
   * waiter at a time. (Racing against the connection's own promise each second would pile up in it for years.)
   */
  async unlessLost<T>(work: Promise<T>): Promise<{ readonly value: T } | { readonly lost: string }> {
    if (this.#broken !== undefined) return { lost: this.#broken };
    try {
      return await new Promise((resolve, reject) => {
        this.#onBreak = (lost) => resolve({ lost });
        work.then((value) => resolve({ value }), reject);
      });
    } finally {
      this.#onBreak = undefined;
    }
  }

  /** One check; connects first where there is no connection. Throws LOCK_HELD. */
  async check(): Promise<Check> {
    return this.#ping === undefined ? this.#connect() : this.#ask(this.#ping);
  }

  drop(): void {
    this.#ping?.close();
    this.#ping = undefined;
    this.#broken = undefined;
  }

  close(): void {
    this.#closed = true;
    this.drop();
  }

  async #ask(ping: Ping): Promise<Check> {
    const outcome = await this.unlessLost(ping.check(this.#options.intervalMs));
    const answer = 'lost' in outcome ? ({ kind: 'failed', message: outcome.lost } as const) : outcome.value;
    if (answer.kind === 'ok') return { kind: 'ok' };
    if (answer.kind === 'refused-us') return { kind: 'refused-us', message: refusal(answer) };
    this.drop();
    return { kind: 'miss', message: answer.message };
  }

  async #connect(): Promise<Check> {
    const opening = await this.#options.openPing(this.#options.intervalMs);
    if (opening.kind === 'refused-us') return { kind: 'refused-us', message: refusal(opening) };
    if (opening.kind !== 'open') return { kind: 'miss', message: opening.message };
    if (this.#closed) {
      // The verdict came first; nobody will use or close this connection any more.
      opening.ping.close();
      return { kind: 'miss', message: 'the watch has ended' };
    }
    this.#take(opening.ping);
    const check = await this.#ask(opening.ping);
    return check.kind === 'ok' ? this.#lock(opening.ping) : check;
  }

  #take(ping: Ping): void {
    this.#ping = ping;
    void ping.lost.then((reason) => {
      if (this.#ping !== ping) return;
      this.#broken = reason;
      this.#onBreak?.(reason);
    });
  }

  async #lock(ping: Ping): Promise<Check> {
    const { intervalMs, source } = this.#options;
    const waitMs = lockIntervals * intervalMs;
    const answer = await ping.takeLock(Math.ceil(waitMs / 1000), waitMs + intervalMs);
    if (answer === 'taken') {
      this.#options.onConnect();
      return { kind: 'ok' };
    }
    this.drop();
    if (answer === 'failed') return { kind: 'miss', message: 'the lock of the monitor could not be asked for' };
    throw new Fault('LOCK_HELD', { lock: 'MHA_Master_High_Availability_Monitor', server: source });
  }
}

function refusal({ errno, message }: { readonly errno: number; readonly message: string }): string {
  return `the source refuses us (${String(errno)}): ${message}`;
}
