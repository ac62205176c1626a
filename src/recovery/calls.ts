import { Fault } from '../model/fault.js';
import { faultFromText } from './fault-text.js';
import type { Answer, Call, Order, Report } from './messages.js';

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds after which a thread that does not answer counts as stuck. Left out: as long as it takes. */
  readonly deadlineMs?: number;
}

/**
 * The manager's side of the conversation: each call waits for its one report. A call ends by its report, its
 * signal, its deadline or the thread's death, whichever is first, and nothing of it stays behind.
 */
export class Calls {
  readonly #send: (order: Order) => void;
  readonly #pending = new Map<number, Pending>();
  #next = 1;
  #broken: string | undefined;

  constructor(send: (order: Order) => void) {
    this.#send = send;
  }

  async call(call: Call, options: CallOptions = {}): Promise<Answer> {
    options.signal?.throwIfAborted();
    if (this.#broken !== undefined) throw died(this.#broken);
    const id = this.#next++;
    const leave: (() => void)[] = [() => this.#pending.delete(id)];
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#pending.set(id, { resolve, reject });
        leave.push(this.#onAbort(id, options.signal, reject), onDeadline(options.deadlineMs, reject));
        this.#send({ kind: 'call', id, call });
      });
    } finally {
      for (const step of leave) step();
    }
  }

  /** Takes the reports that end calls; the others are not its matter. */
  take(report: Report): void {
    if (report.kind === 'done') this.#pending.get(report.id)?.resolve(report.answer);
    else if (report.kind === 'failed') this.#pending.get(report.id)?.reject(faultFromText(report.fault));
  }

  /** The thread is gone: all calls, present and future, fail with this reason. */
  break(reason: string): void {
    this.#broken = reason;
    for (const pending of this.#pending.values()) pending.reject(died(reason));
  }

  #onAbort(id: number, signal: AbortSignal | undefined, reject: (error: unknown) => void): () => void {
    if (signal === undefined) return () => undefined;
    const abort = (): void => {
      this.#send({ kind: 'abort', id });
      reject(signal.reason);
    };
    signal.addEventListener('abort', abort, { once: true });
    return () => {
      signal.removeEventListener('abort', abort);
    };
  }
}

function onDeadline(ms: number | undefined, reject: (error: unknown) => void): () => void {
  if (ms === undefined) return () => undefined;
  const timer = setTimeout(() => {
    reject(died(`no answer within ${String(ms)} ms`));
  }, ms);
  return () => {
    clearTimeout(timer);
  };
}

function died(message: string): Fault {
  return new Fault('RECOVERY_THREAD_DIED', { message });
}
