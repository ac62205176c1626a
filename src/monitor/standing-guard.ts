import type { Door } from '../ports/shell.js';
import { type Guard, type GuardWord, startGuard } from './guard.js';
import type { GuardTarget } from './guard-script.js';

export interface GuardListener {
  /** A new one begins: what the last one said is not so any more. */
  readonly onStart: () => void;
  readonly onWord: (word: GuardWord) => void;
  /** It stopped by itself, with its connection or its host. */
  readonly onLost: (reason: string) => void;
}

/** The one guard over a place, from its first start to its end. Whoever asks while it is being started shares that start. */
export class StandingGuard {
  readonly target: GuardTarget;
  readonly #door: Door;
  readonly #listener: GuardListener;
  #guard: Guard | undefined;
  #starting: Promise<void> | undefined;
  #wanted = false;
  #dismissed = false;

  constructor(door: Door, target: GuardTarget, listener: GuardListener) {
    this.#door = door;
    this.target = target;
    this.#listener = listener;
  }

  /** Resolves when it watches; throws what the door throws. */
  async stand(): Promise<void> {
    if (this.#guard !== undefined || this.#dismissed) return;
    this.#wanted = true;
    this.#starting ??= this.#start().finally(() => (this.#starting = undefined));
    await this.#starting;
  }

  /** One that was lost with its connection is set again before anybody relies on it. One that was never set is not. */
  async standAgain(): Promise<void> {
    // Without a shell the look that follows says cannot-tell; the guard is tried again at the next one.
    if (this.#wanted) await this.stand().catch(() => undefined);
  }

  /** It was wanted, and neither stands nor is being set. */
  isMissing(): boolean {
    return this.#wanted && this.#guard === undefined && this.#starting === undefined;
  }

  /** Nothing is heard of it from now on. True when it stood: then `end` is owed. */
  dismiss(): boolean {
    this.#dismissed = true;
    return this.#guard !== undefined;
  }

  async end(): Promise<void> {
    await this.#guard?.end();
  }

  async #start(): Promise<void> {
    this.#listener.onStart();
    const guard = await startGuard(this.#door, this.target, (word) => this.#listener.onWord(word));
    // It may come when the host does, after everything is over.
    if (this.#dismissed) return guard.end();
    this.#guard = guard;
    void guard.ended.then((reason) => {
      if (this.#dismissed) return;
      this.#guard = undefined;
      this.#listener.onLost(reason);
    });
  }
}
