import type { ClientChannel } from 'ssh2';
import { closeChannel } from './close-channel.js';
import { unlessAborted } from './deadline.js';
import type { Gate } from './gate.js';
import { orderToWaiting, waitingShell } from './guarded-command.js';
import { hand, untilReady } from './waiting-shell.js';

export interface WarmPolicy {
  /** Shells that wait at a time; they count among the connection's sessions. 0: none. */
  readonly count: number;
  /** Milliseconds after the login: a connection that is only used once shall not pay for shells that nobody uses. */
  readonly afterMs: number;
}

/** A failover asks one host for about six things in a row, two of them at once. */
export const usualWarmth: WarmPolicy = { count: 3, afterMs: 500 };

/** A shell that ends by itself so soon is not let wait: bash's TMOUT, a watchdog. */
const shortLifeMs = 10_000;
/** Shells in a row that came to nothing, after which this connection goes without. */
const mostFailures = 3;

/** A session that was begun before its command is known. */
interface Warm {
  /** The channel once the shell waits on it; undefined when it never came to that. Never rejects. */
  readonly ready: Promise<ClientChannel | undefined>;
  /** Milliseconds, monotonic. */
  readyAt: number | undefined;
  ended: boolean;
}

/**
 * Shells that wait for commands. A session costs the start of a login shell - tenths of a second where its start-up
 * files are slow - and in a failover that is time without writes. Each shell runs one command and ends with it like any
 * other session, so exit code, output, signals and what stays in the background are those of a command that was
 * started by itself. Another shell takes its place at once.
 */
export class WarmShells {
  readonly #exec: (text: string) => Promise<ClientChannel>;
  readonly #sessions: Gate;
  readonly #waiting: Warm[] = [];
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #failures = 0;

  constructor(exec: (text: string) => Promise<ClientChannel>, sessions: Gate) {
    this.#exec = exec;
    this.#sessions = sessions;
  }

  start({ count, afterMs }: WarmPolicy): void {
    this.#timer = setTimeout(() => {
      this.#count = count;
      this.fill();
    }, afterMs).unref();
  }

  /** Starts no more. Those that wait end with their connection, which ends their input. */
  close(): void {
    clearTimeout(this.#timer);
    this.#count = 0;
    this.#waiting.length = 0;
  }

  /**
   * The command at work in a shell that had waited; undefined when there is none, and then nothing of it was run.
   * Throws the signal's reason.
   */
  async begin(text: string, hasInput: boolean, signal: AbortSignal | undefined): Promise<ClientChannel | undefined> {
    const order = orderToWaiting(text, hasInput);
    for (let warm = this.#waiting.shift(); warm !== undefined; warm = this.#waiting.shift()) {
      setImmediate(() => this.fill());
      const channel = await this.#whenReady(warm, signal);
      if (channel === undefined || warm.ended || !(await hand(channel, order, signal))) continue;
      this.#failures = 0;
      return channel;
    }
    return undefined;
  }

  /** One that nobody waits for any more is closed and not put back: a command may be queueing for its place. */
  async #whenReady({ ready }: Warm, signal: AbortSignal | undefined): Promise<ClientChannel | undefined> {
    try {
      return await unlessAborted(ready, signal);
    } catch (error) {
      void ready.then((channel) => channel && closeChannel(channel));
      throw error;
    }
  }

  /** Starts as many as are lacking, where there is room: called whenever a session has ended. */
  fill(): void {
    while (this.#waiting.length < this.#count && this.#failures < mostFailures) {
      const leave = this.#sessions.tryEnter();
      if (leave === undefined) return;
      const isAlone = this.#sessions.inside() === 1;
      let open: (channel: ClientChannel | undefined) => void = () => undefined;
      const warm: Warm = { ready: new Promise((resolve) => (open = resolve)), readyAt: undefined, ended: false };
      this.#waiting.push(warm);
      void this.#open(warm, isAlone, leave).then(open);
    }
  }

  async #open(warm: Warm, isAlone: boolean, leave: () => void): Promise<ClientChannel | undefined> {
    try {
      const channel = await this.#exec(waitingShell);
      channel.once('close', () => {
        leave();
        this.#forget(warm);
        this.fill();
      });
      if (await untilReady(channel)) {
        warm.readyAt = performance.now();
        return channel;
      }
      this.#failures += 1;
    } catch {
      // The server allows fewer sessions, or none; or the connection has ended, and then nothing of this matters.
      if (isAlone) this.#failures += 1;
      else this.#sessions.narrow();
      leave();
      this.#forget(warm);
    }
    return undefined;
  }

  #forget(warm: Warm): void {
    warm.ended = true;
    const place = this.#waiting.indexOf(warm);
    if (place < 0) return;
    this.#waiting.splice(place, 1);
    if (warm.readyAt !== undefined && performance.now() - warm.readyAt < shortLifeMs) this.#failures += 1;
  }
}
