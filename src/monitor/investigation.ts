import { describeError } from '../model/fault.js';
import type { Clock } from '../ports/clock.js';
import type { Knock, PortSight } from '../ports/knock.js';
import type { Door } from '../ports/shell.js';
import type { Alarm } from './alarm.js';
import type { Evidence, Testimony, Verdict, VerdictPolicy } from './evidence.js';
import type { ServerPlace } from './host-script.js';
import { judgeHost, type KnownServer } from './host-sight.js';
import { probeHost } from './probe-host.js';
import type { ReplicaWitness } from './replica-witness.js';
import { reachVerdict } from './verdict.js';
import { within } from './within.js';

export interface InvestigationPorts {
  readonly clock: Clock;
  readonly knock: Knock;
  readonly door: Door;
  /** Rings whenever the evidence has changed. */
  readonly alarm: Alarm;
  /** The site's second opinion; undefined when none is configured. Never rejects. */
  readonly askScript: ((signal: AbortSignal) => Promise<'permits' | 'objects'>) | undefined;
}

export interface InvestigationSubject {
  readonly place: ServerPlace;
  /** Where its host's sshd listens; left out when that cannot be reached from here directly. */
  readonly ssh?: { readonly address: string; readonly port: number };
  readonly known: KnownServer | undefined;
  /** Its host showed no trace of it while it answered. */
  readonly isElsewhere: boolean;
  readonly witnesses: readonly ReplicaWitness[];
  readonly intervalMs: number;
  readonly policy: VerdictPolicy;
}

/** The first look is often too early - a killed server still gives its memory back - so the second follows soon. */
const firstPauseMs = 100;
const nowhere = {
  process: 'cannot-tell',
  lines: ['it showed no such server either while the source answered: that runs elsewhere'],
} as const;
/** One look at the host takes a login shell and a walk over its processes. */
const leastProbeMs = 2_000;

/**
 * Everything that is asked from the first miss on: the port, the source's host, each replica and its host, the site's
 * script - all at once, and again and again until it is stopped. It only gathers; the verdict is pure.
 */
export class Investigation {
  readonly #subject: InvestigationSubject;
  readonly #ports: InvestigationPorts;
  readonly #startedAt: number;
  readonly #testimonies: (Testimony | undefined)[];
  #misses = 0;
  #lastMiss = '';
  #port: PortSight | 'pending' = 'pending';
  #host: Evidence['host'] = { shell: 'pending', process: 'cannot-tell', lines: [] };
  #script: Evidence['script'] = 'not-configured';

  constructor(subject: InvestigationSubject, ports: InvestigationPorts) {
    this.#subject = subject;
    this.#ports = ports;
    this.#startedAt = ports.clock.now();
    this.#testimonies = subject.witnesses.map(() => undefined);
  }

  get evidence(): Evidence {
    return {
      misses: this.#misses,
      lastMiss: this.#lastMiss,
      port: this.#port,
      host: this.#host,
      replicas: [...this.#testimonies],
      script: this.#script,
    };
  }

  get verdict(): Verdict {
    return reachVerdict(this.evidence, this.#subject.policy);
  }

  miss(message: string, signal: AbortSignal): void {
    this.#misses += 1;
    this.#lastMiss = message;
    if (this.#misses === 1) void this.#askScript(signal);
    this.#ports.alarm.ring();
  }

  /** MHA: after the script's objection counting starts anew, and the script is asked again at the next miss. */
  startOver(): void {
    this.#misses = 0;
    this.#script = this.#ports.askScript === undefined ? 'not-configured' : 'pending';
  }

  /** Asks until the signal ends it. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#again(signal, () => this.#lookAtHost(signal)),
      ...this.#subject.witnesses.map((witness, index) => this.#again(signal, () => this.#hear(witness, index, signal))),
    ]);
  }

  async #again(signal: AbortSignal, look: () => Promise<void>): Promise<void> {
    let pause = firstPauseMs;
    for (;;) {
      await look();
      if (signal.aborted) return;
      this.#ports.alarm.ring();
      await this.#ports.clock.sleep(pause, signal).catch(() => undefined);
      pause = Math.min(pause * 2, Math.max(firstPauseMs, this.#subject.intervalMs));
    }
  }

  async #lookAtHost(signal: AbortSignal): Promise<void> {
    const { place, intervalMs } = this.#subject;
    const { knock } = this.#ports;
    await Promise.all([
      knock(place.address, place.port, intervalMs).then((sight) => {
        this.#port = sight;
        this.#ports.alarm.ring();
      }),
      this.#probe(signal),
    ]);
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { place, known, isElsewhere, ssh, intervalMs } = this.#subject;
    const { clock, door, knock } = this.#ports;
    const deadlineMs = Math.max(intervalMs, leastProbeMs);
    const isUp = async (): Promise<boolean> =>
      ssh !== undefined && isSignOfLife(await knock(ssh.address, ssh.port, intervalMs));
    const knocking = isUp();
    void knocking.then((up) => this.#seeMachine(up, signal));
    try {
      const report = await within(clock, deadlineMs, signal, (both) =>
        probeHost(door, place, { deadlineMs, signal: both }),
      );
      const sight = judgeHost(report, place, known);
      const { process, lines } = sight.process === 'none' && isElsewhere ? nowhere : sight;
      this.#host = { shell: 'open', process, lines };
    } catch (error) {
      // Once more where it answered: that was before the question that nobody answered.
      const up = (await knocking) && (await isUp());
      if (signal.aborted) return;
      this.#host = { shell: 'unreachable', isUp: up, process: 'cannot-tell', lines: [describeError(error)] };
    }
  }

  /** A machine that is being shut down refuses first and is gone then: the last knock counts, not that of the last answer. */
  #seeMachine(up: boolean, signal: AbortSignal): void {
    if (signal.aborted || this.#host.shell !== 'unreachable') return;
    this.#host = { ...this.#host, isUp: up };
    this.#ports.alarm.ring();
  }

  async #hear(witness: ReplicaWitness, index: number, signal: AbortSignal): Promise<void> {
    const { intervalMs } = this.#subject;
    const testimony = await witness.ask(this.#startedAt, Math.max(intervalMs, leastProbeMs), signal);
    if (!signal.aborted) this.#testimonies[index] = testimony;
  }

  async #askScript(signal: AbortSignal): Promise<void> {
    const { askScript, alarm } = this.#ports;
    if (askScript === undefined) return;
    this.#script = 'pending';
    const answer = await askScript(signal);
    if (signal.aborted) return;
    this.#script = answer;
    alarm.ring();
  }
}

function isSignOfLife(sight: PortSight): boolean {
  return sight === 'refused' || sight === 'silent' || sight === 'speaks';
}
