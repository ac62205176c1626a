/**
 * Room `monitor`: is the source alive, and if not, is it surely dead? Probes gather evidence, the verdict judges it, the
 * fence keeps a dead source down. May import `model` and `ports`. Invariant of this file: the loop ends with `dead` only
 * on a verdict, and any good check before that starts everything over.
 */
import { describeError } from '../model/fault.js';
import type { ServerState } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Events } from '../ports/events.js';
import type { Knock, TakeLeave } from '../ports/knock.js';
import type { OpenPing } from '../ports/ping.js';
import type { Servers } from '../ports/servers.js';
import type { Shells } from '../ports/shell.js';
import type { Workdir } from '../ports/workdir.js';
import { Alarm } from './alarm.js';
import type { Verdict, VerdictPolicy } from './evidence.js';
import { HealthConnection } from './health-connection.js';
import { HealthRounds } from './health-rounds.js';
import { Investigation } from './investigation.js';
import { linkedAbort } from './linked-abort.js';
import { ReplicaWitness, type WatchedSource } from './replica-witness.js';
import { SourcePortrait } from './source-portrait.js';
import type { SourceRecord } from './source-record.js';

export interface WatchSubject {
  readonly source: WatchedSource & {
    readonly id: ServerId;
    readonly dataDir?: string;
    readonly ssh?: { readonly address: string; readonly port: number };
  };
  readonly replicas: readonly ServerId[];
  readonly intervalMs: number;
  readonly policy: VerdictPolicy;
}

export interface WatchPorts {
  readonly clock: Clock;
  readonly events: Events;
  readonly workdir: Pick<Workdir, 'status'>;
  readonly servers: Pick<Servers, 'channels' | 'reach'>;
  readonly shells: Pick<Shells, 'door'>;
  readonly openPing: OpenPing;
  readonly knock: Knock;
  /** How a source that spoke to a replica's host is left. */
  readonly takeLeave?: TakeLeave;
  /** `secondary_check_script`; left out when none is configured. Never rejects. */
  readonly askScript?: (signal: AbortSignal) => Promise<'permits' | 'objects'>;
}

/** What is known of the source from the time when it answered. */
export interface Remembered {
  readonly state?: ServerState;
  readonly record?: SourceRecord;
}

export type WatchEnd =
  | {
      readonly end: 'dead' | 'blocked';
      readonly verdict: Verdict;
      readonly remembered: Remembered;
      /** Replicas that were away already while the source lived. */
      readonly silent: ReadonlySet<ServerId>;
      /** Monotonic milliseconds of the first failed check. */
      readonly firstMissAt: number;
    }
  | { readonly end: 'stopped'; readonly remembered: Remembered };

/** Watches the source until it is dead or the signal ends it. Throws LOCK_HELD when another manager watches it. */
export async function watch(subject: WatchSubject, ports: WatchPorts, signal: AbortSignal): Promise<WatchEnd> {
  const watching = new Watching(subject, ports, signal);
  let stop = (): void => undefined;
  // A connect or a lock may still be waited for; whoever stops the watch does not wait with them.
  const stopped = new Promise<WatchEnd>((resolve) => {
    stop = () => resolve(watching.stopped);
  });
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([watching.run(), stopped]);
  } finally {
    signal.removeEventListener('abort', stop);
    watching.close();
  }
}

class Watching {
  readonly #subject: WatchSubject;
  readonly #ports: WatchPorts;
  readonly #signal: AbortSignal;
  readonly #alarm: Alarm;
  readonly #witnesses: readonly ReplicaWitness[];
  readonly #portrait: SourcePortrait;
  readonly #connection: HealthConnection;
  readonly #rounds: HealthRounds;
  #statusIsStuck = false;

  constructor(subject: WatchSubject, ports: WatchPorts, signal: AbortSignal) {
    this.#subject = subject;
    this.#ports = ports;
    this.#signal = signal;
    this.#alarm = new Alarm(ports.clock);
    const { clock, servers, shells, takeLeave } = ports;
    this.#witnesses = subject.replicas.map(
      (replica) =>
        new ReplicaWitness(replica, subject.source, { clock, servers, door: shells.door(replica), takeLeave }),
    );
    this.#portrait = new SourcePortrait(subject.source, { servers, door: shells.door(subject.source.id) });
    this.#connection = new HealthConnection({
      source: subject.source.id,
      intervalMs: subject.intervalMs,
      openPing: ports.openPing,
      onConnect: () => void this.#portrait.draw(),
    });
    this.#rounds = new HealthRounds(
      {
        intervalMs: subject.intervalMs,
        connection: this.#connection,
        keptWarm: [...this.#witnesses, this.#portrait],
        onGood: () => this.#status(0),
        onRefusal: (message) => this.#note('warning', message),
      },
      clock,
    );
  }

  async run(): Promise<WatchEnd> {
    while (!this.#isEnded()) {
      const message = await this.#rounds.untilMiss(this.#signal);
      if (message === undefined) break;
      const end = await this.#investigate(message);
      if (end !== undefined) return end;
    }
    return this.stopped;
  }

  get stopped(): WatchEnd {
    return { end: 'stopped', remembered: this.#portrait.remembered };
  }

  #isEnded(): boolean {
    return this.#signal.aborted;
  }

  close(): void {
    this.#connection.close();
  }

  /** From the first miss on: asks everybody, goes on checking, judges after each new piece of evidence. */
  async #investigate(firstMessage: string): Promise<WatchEnd | undefined> {
    this.#connection.drop();
    const firstMissAt = this.#ports.clock.now();
    const stop = linkedAbort(this.#signal);
    const { signal } = stop;
    const investigation = this.#openInvestigation();
    investigation.miss(firstMessage, signal);
    // Not waited for at the end: questions still open then run into their own deadlines, and nobody reads the answers.
    void investigation.run(signal);
    this.#note('warning', `the source does not answer: ${firstMessage}`);
    try {
      await this.#status(20);
      const found = await Promise.race([
        this.#climb(investigation, firstMissAt, signal),
        this.#judge(investigation, signal),
      ]);
      if (typeof found !== 'string') return await this.#declare(found, firstMissAt);
      this.#note('info', found === 'ok' ? 'the source answers again' : 'the source is alive, but refuses us');
      return undefined;
    } catch (error) {
      if (this.#signal.aborted) return undefined;
      throw error;
    } finally {
      stop.end();
      for (const witness of this.#witnesses) witness.forget();
    }
  }

  #openInvestigation(): Investigation {
    const { source, intervalMs, policy } = this.#subject;
    const { clock, knock, shells, askScript } = this.#ports;
    const { place, remembered } = this.#portrait;
    return new Investigation(
      {
        place,
        ...(source.ssh === undefined ? {} : { ssh: source.ssh }),
        known: remembered.record,
        isElsewhere: this.#portrait.isElsewhere,
        witnesses: this.#witnesses,
        intervalMs,
        policy,
      },
      { clock, knock, door: shells.door(source.id), alarm: this.#alarm, askScript },
    );
  }

  /** MHA's ladder: one more check each interval, each failure one miss. Resolves when the source answers. */
  async #climb(investigation: Investigation, firstMissAt: number, signal: AbortSignal): Promise<'ok' | 'refused-us'> {
    const { clock } = this.#ports;
    // At once and uncounted: a session that was merely ended (KILL, wait_timeout) is back before anybody is judged.
    const early = await this.#connection.check();
    if (early.kind !== 'miss') return early.kind;
    for (let step = 1; ; step += 1) {
      const due = Math.max(0, firstMissAt + step * this.#subject.intervalMs - clock.now());
      await clock.sleep(due, signal);
      const check = await this.#connection.check();
      signal.throwIfAborted();
      if (check.kind !== 'miss') return check.kind;
      investigation.miss(check.message, signal);
    }
  }

  async #judge(investigation: Investigation, signal: AbortSignal): Promise<Verdict> {
    let said: string | undefined;
    for (;;) {
      signal.throwIfAborted();
      const { verdict } = investigation;
      if (verdict.decision !== 'keep-looking') return verdict;
      if (verdict.code !== said) this.#note('info', `${verdict.code}: ${verdict.lines.join('; ')}`);
      said = verdict.code;
      if (verdict.code === 'vetoed-by-script') investigation.startOver();
      await this.#alarm.rest(this.#subject.intervalMs, signal);
    }
  }

  async #declare(verdict: Verdict, firstMissAt: number): Promise<WatchEnd> {
    const end = verdict.decision === 'blocked' ? 'blocked' : 'dead';
    this.#note(end === 'dead' ? 'warning' : 'error', `${verdict.code}: ${verdict.lines.join('; ')}`);
    await this.#status(21);
    const silent = new Set(this.#witnesses.filter(({ wasSilent }) => wasSilent).map(({ replica }) => replica));
    return { end, verdict, remembered: this.#portrait.remembered, silent, firstMissAt };
  }

  /** A disk that is full for a while ends no watch: the status grows old meanwhile, which says enough to who reads it. */
  async #status(code: 0 | 20 | 21): Promise<void> {
    try {
      await this.#ports.workdir.status(code, this.#subject.source.hostname);
      this.#statusIsStuck = false;
    } catch (error) {
      if (!this.#statusIsStuck) this.#note('warning', `the status cannot be written: ${describeError(error)}`);
      this.#statusIsStuck = true;
    }
  }

  #note(level: 'info' | 'warning' | 'error', text: string): void {
    this.#ports.events.emit({ kind: 'note', level, text, server: this.#subject.source.id });
  }
}
