/**
 * Room `recovery`: the recovery source at work. A thread of its own fetches the dead source's binary log over SSH
 * connections of its own, keeps and verifies it, and serves it to the replicas. This file is the manager's side of that
 * thread. The room may import `model`, `ports`, `binlog` and `ssh`. Invariant: nothing is served that was not
 * proven whole, and no secret is in the thread's arguments, environment or start data.
 */
import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { Coordinates } from '../model/coordinates.js';
import { describeError, isFault } from '../model/fault.js';
import type { ServerId, SshSettings } from '../model/settings.js';
import type {
  CopyRequest,
  FetchedRange,
  FoundCopy,
  Recovery,
  RecoveryProgress,
  RecoverySource,
  RelayRequest,
  SavedRange,
  ServeRequest,
  StartRequest,
  TailRequest,
} from '../ports/recovery.js';
import type { HostKeyNotice } from '../ssh/host-key.js';
import { Calls } from './calls.js';
import { type Answer, type Report, type StartData, serveToText } from './messages.js';

export interface RecoveryOptions {
  /** Every host that is fetched from or served: the cluster's servers and the `[binlogN]` ones. */
  readonly hosts: readonly { readonly id: ServerId; readonly ssh: SshSettings }[];
  /** Bytes that are left free on the work directory's disk. */
  readonly minFreeBytes: number;
  /** What a person should hear: a host without a shell, a connection that was refused, no room on the disk. */
  readonly onNotice?: (text: string) => void;
  /** As the ssh room tells it: an unknown host key was recorded. */
  readonly onHostKey?: (notice: HostKeyNotice) => void;
  /** The thread's program; left out: the one beside this file. */
  readonly entry?: URL;
}

/** Milliseconds that calls which only open or close something may take before the thread counts as stuck. */
const shortCallMs = 30_000;
const closeMs = 2_000;

/** Starts the thread. It is idle, and small, until `warm` or the first request. */
export function startRecovery(options: RecoveryOptions): Recovery {
  return new RecoveryThread(options);
}

class RecoveryThread implements Recovery {
  readonly died: Promise<string>;
  readonly #options: RecoveryOptions;
  #worker: Worker;
  #calls: Calls;
  #isDead = false;
  readonly #listeners: ((progress: RecoveryProgress) => void)[] = [];
  readonly #onNotice: (text: string) => void;
  readonly #onHostKey: (notice: HostKeyNotice) => void;
  #closing = false;

  constructor(options: RecoveryOptions) {
    this.#onNotice = options.onNotice ?? (() => undefined);
    this.#onHostKey = options.onHostKey ?? (() => undefined);
    this.#options = options;
    [this.#worker, this.#calls] = this.#start();
    this.died = this.#watch(this.#worker, this.#calls);
  }

  async warm(): Promise<void> {
    await this.#calls.call({ kind: 'warm' });
  }

  /** A thread that is dead, perhaps since months in which nobody needed it, or stuck, is no reason to rescue nothing: once, another one is started. */
  async begin(source: RecoverySource): Promise<void> {
    if (this.#isDead) return this.#beginAnew(source);
    try {
      await this.#beginIn(source);
    } catch (error) {
      if (!isFault(error, 'RECOVERY_THREAD_DIED')) throw error;
      await this.#beginAnew(source);
    }
  }

  async #beginAnew(source: RecoverySource): Promise<void> {
    if (!this.#closing) {
      this.#onNotice('the recovery thread had died: another one is started');
      [this.#worker, this.#calls] = this.#start();
      void this.#watch(this.#worker, this.#calls);
    }
    await this.#beginIn(source);
  }

  async #beginIn(source: RecoverySource): Promise<void> {
    const [worker, calls] = [this.#worker, this.#calls];
    try {
      await calls.call({ kind: 'begin', source }, { deadlineMs: shortCallMs });
    } catch (error) {
      // One that is stuck would keep a fetch waiting for ever.
      if (isFault(error, 'RECOVERY_THREAD_DIED')) this.#giveUp(worker, calls, describeError(error));
      throw error;
    }
  }

  async findCopy(request: CopyRequest, signal: AbortSignal): Promise<FoundCopy> {
    const answer = await this.#calls.call({ kind: 'findCopy', request }, { signal });
    if (answer.kind !== 'copy') throw new Error(`the recovery thread answered ${answer.kind} to a look`);
    return answer.copy;
  }

  async findStart(request: StartRequest, signal: AbortSignal): Promise<Coordinates | undefined> {
    const answer = await this.#calls.call({ kind: 'findStart', request }, { signal });
    if (answer.kind !== 'place') throw new Error(`the recovery thread answered ${answer.kind} to a search`);
    return answer.place;
  }

  async saveTail(request: TailRequest, signal: AbortSignal): Promise<readonly FetchedRange[]> {
    const answer = await this.#calls.call({ kind: 'saveTail', request }, { signal });
    if (answer.kind !== 'ranges') throw new Error(`the recovery thread answered ${answer.kind} to a fetch`);
    return answer.ranges;
  }

  async saveRelay(request: RelayRequest, signal: AbortSignal): Promise<SavedRange> {
    return rangeOf(await this.#calls.call({ kind: 'saveRelay', request }, { signal }));
  }

  async serve(request: ServeRequest): Promise<{ readonly host: string; readonly port: number }> {
    const call = { kind: 'serve', request: serveToText(request) } as const;
    return addressOf(await this.#calls.call(call, { deadlineMs: shortCallMs }));
  }

  async stopServing(replica: ServerId): Promise<void> {
    await this.#calls.call({ kind: 'stopServing', replica }, { deadlineMs: shortCallMs });
  }

  async end(): Promise<void> {
    await this.#calls.call({ kind: 'end' }, { deadlineMs: shortCallMs });
  }

  onProgress(listener: (progress: RecoveryProgress) => void): void {
    this.#listeners.push(listener);
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    // A thread that is dead or stuck cannot close in order; ending it closes its sockets and files all the same.
    await this.#calls.call({ kind: 'close' }, { deadlineMs: closeMs }).catch(() => undefined);
    await this.#worker.terminate();
  }

  #start(): [Worker, Calls] {
    const worker = startWorker(this.#options);
    const calls = new Calls((order) => worker.postMessage(order));
    worker.on('message', (report: Report) => this.#take(report, calls));
    this.#isDead = false;
    return [worker, calls];
  }

  #take(report: Report, calls: Calls): void {
    if (report.kind === 'progress') for (const listener of this.#listeners) listener(report.progress);
    else if (report.kind === 'notice') this.#onNotice(report.text);
    else if (report.kind === 'host-key') this.#onHostKey(report.notice);
    else calls.take(report);
  }

  /** Not waited for: it may hang in the middle of a call to the system. */
  #giveUp(worker: Worker, calls: Calls, reason: string): void {
    calls.break(reason);
    if (worker === this.#worker) this.#isDead = true;
    worker.terminate().catch(() => undefined);
  }

  #watch(worker: Worker, calls: Calls): Promise<string> {
    return new Promise((resolve) => {
      const end = (reason: string): void => {
        calls.break(reason);
        if (worker === this.#worker) this.#isDead = true;
        if (!this.#closing) resolve(reason);
      };
      // What is no Error comes over as a bare object, whose text alone would say nothing.
      worker.once('error', (error: unknown) => {
        end(error instanceof Error ? describeError(error) : inspect(error));
      });
      worker.once('exit', (code) => {
        end(`it ended with ${String(code)}`);
      });
    });
  }
}

function startWorker(options: RecoveryOptions): Worker {
  const workerData: StartData = { hosts: options.hosts, minFreeBytes: options.minFreeBytes };
  return new Worker(options.entry ?? new URL('./worker.js', import.meta.url), {
    workerData,
    // Neither the command line nor the environment of the manager is handed on; only what finds keys and agents.
    argv: [],
    execArgv: [],
    env: pick(process.env, ['HOME', 'USER', 'PATH', 'SSH_AUTH_SOCK']),
    name: 'recovery',
    // Bytes live outside of the heap; a small young generation makes spent buffers go early.
    resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 4 },
  });
}

function pick(from: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function rangeOf(answer: Answer): SavedRange {
  if (answer.kind !== 'range') throw new Error(`the recovery thread answered ${answer.kind} to a fetch`);
  return answer.range;
}

function addressOf(answer: Answer): { readonly host: string; readonly port: number } {
  if (answer.kind !== 'address') throw new Error(`the recovery thread answered ${answer.kind} to serve`);
  return { host: answer.host, port: answer.port };
}
