/**
 * The fence: the old source's server is stopped, killed where it must be, and kept down until the run's end - by a
 * guard on its host where SSH works. May import `model` and `ports`. Invariant: only a process that holds this
 * server's data directory or port is killed, and `down` is said only after host and port were both looked at again.
 */
import { describeError } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Clock } from '../ports/clock.js';
import type { Fence, FenceLook, FenceOutcome } from '../ports/fence.js';
import type { Knock, PortSight } from '../ports/knock.js';
import type { Door } from '../ports/shell.js';
import { Alarm } from './alarm.js';
import { askHost } from './ask-host.js';
import { closedAmongElders, fenceLook, isClosedAmongElders, whyNotDown } from './fence-look.js';
import type { GuardWord } from './guard.js';
import type { HostReport } from './host-report.js';
import type { ServerPlace } from './host-script.js';
import { ancestors, judgeHost, unitOf } from './host-sight.js';
import { leaveGuard } from './leave-guard.js';
import type { SourceRecord } from './source-record.js';
import { StandingGuard } from './standing-guard.js';
import { type SshPlace, unlessStillSilent } from './still-silent.js';
import { Supervision } from './supervision.js';

export interface FenceTarget {
  readonly server: ServerId;
  readonly place: ServerPlace;
  /** What ran it while it answered; undefined when it was dead before we came. */
  readonly record?: SourceRecord;
  /** Directory and base name of its binary logs; without it `look` cannot tell their end. */
  readonly binlogBase?: string;
  readonly remoteWorkdir: string;
  /** Where its host's sshd listens; left out when that cannot be reached from here directly. */
  readonly ssh?: SshPlace;
  /** Nobody got a shell on its host while its death was looked into. */
  readonly wasSilent?: true;
  /** Milliseconds that the server may take to be gone. */
  readonly goneMs?: number;
}

export interface FencePorts {
  readonly door: Door;
  readonly knock: Knock;
  readonly clock: Clock;
}

const askMs = 5_000;
/** For another look at a host without a shell: it may have come back, and the clients wait. */
const againMs = 1_000;
/** What a host that was silent is given to show a port: one that is back answers within a round trip. */
const silentMs = 300;
/** A look that is older tells nothing of now. */
const freshMs = 500;
const knockMs = 1_000;
/** How long a killed server may take to go: one that waits for its disk cannot be killed at all. */
const goneMs = 10_000;
/** How long a host may take to give a shell again for a guard that was lost: clients wait. */
const guardMs = 3_000;
/** Between two looks: the guard needs about as long to find and kill a server that was started again. */
const settleMs = 100;

interface DatedLook {
  readonly look: FenceLook;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export function keepDown(target: FenceTarget, ports: FencePorts): Fence {
  const keeper = new Keeper(target, ports);
  return {
    hold: (signal) => keeper.hold(signal),
    look: (signal) => keeper.look(signal),
    release: (outcome) => keeper.release(outcome),
  };
}

class Keeper {
  readonly #target: FenceTarget;
  readonly #ports: FencePorts;
  readonly #supervision: Supervision;
  readonly #alarm: Alarm;
  readonly #guard: StandingGuard;
  /** Measures that the guard's words have asked for; each follows the one before. */
  #measures: Promise<void> = Promise.resolve();
  #cleared = false;
  #kills = 0;
  #released = false;
  /** The host gave no shell when it was last asked. */
  #silent: boolean;

  constructor(target: FenceTarget, ports: FencePorts) {
    this.#target = target;
    this.#ports = ports;
    this.#silent = target.wasSilent === true;
    this.#supervision = new Supervision(ports.door);
    this.#alarm = new Alarm(ports.clock);
    const { place, record } = target;
    this.#guard = new StandingGuard(
      ports.door,
      { place, ...(record === undefined ? {} : { known: record }) },
      {
        onStart: () => (this.#cleared = false),
        onWord: (word) => this.#hear(word),
        onLost: (reason) => {
          this.#supervision.note(`the guard on its host stopped: ${reason}`);
          this.#alarm.ring();
        },
      },
    );
  }

  /**
   * Whoever ran the source is known as a rule: then the guard starts while the host is still being asked, and where both
   * find nobody that is already the pair of looks that `down` takes.
   */
  async hold(signal: AbortSignal): Promise<FenceOutcome> {
    const guarding = this.#target.record === undefined ? undefined : this.#guard.stand();
    guarding?.catch(() => undefined);
    const begun = this.#ports.clock.now();
    const knocking = this.#knock();
    let report: HostReport;
    let port: PortSight;
    try {
      [report, port] = await Promise.all([this.#ask(true, askMs, signal), knocking]);
    } catch (error) {
      signal.throwIfAborted();
      // Where the host was waited for, what its port showed then is old by now.
      const sight = this.#silent ? knocking : this.#knock();
      this.#silent = true;
      return this.#withoutShell(error, await sight);
    }
    this.#silent = false;
    // One that could not be set is missed, and set again, while its word is waited for.
    await (guarding ?? this.#guard.stand()).catch((error: unknown) => {
      this.#supervision.note(`no guard could be set on its host: ${describeError(error)}`);
    });
    await this.#stopSupervisors(report);
    const look = fenceLook(this.#target, report, port);
    const held = await this.#untilDown(guarding === undefined ? undefined : { look, at: begun }, signal);
    return held.state === 'failed' && this.#guard.isMissing() ? this.#withoutGuard(look, held) : held;
  }

  async look(signal: AbortSignal): Promise<FenceLook> {
    // A host without a shell has none for a guard either; opening one would be waited for far longer than the look.
    if (!this.#silent) await this.#guard.standAgain();
    const [port, report] = await Promise.all([
      this.#knock(),
      this.#ask(false, this.#silent ? againMs : askMs, signal).catch(() => undefined),
    ]);
    signal.throwIfAborted();
    if (report !== undefined && this.#silent) {
      this.#silent = false;
      await this.#guard.standAgain();
    }
    return fenceLook(this.#target, report, port);
  }

  async #ask(units: boolean, deadlineMs: number, signal: AbortSignal): Promise<HostReport> {
    const { place, binlogBase, ssh } = this.#target;
    const base = binlogBase === undefined ? {} : { binlogBase };
    const ask = (until: AbortSignal): Promise<HostReport> =>
      askHost({ place, units, ...base, deadlineMs }, this.#ports, until);
    return this.#silent && ssh !== undefined
      ? unlessStillSilent(ssh, silentMs, this.#ports.knock, signal, ask)
      : ask(signal);
  }

  #knock(): Promise<PortSight> {
    const { address, port } = this.#target.place;
    return this.#ports.knock(address, port, this.#silent ? silentMs : knockMs);
  }

  async release(outcome: 'promoted' | 'aborted'): Promise<readonly string[]> {
    if (this.#released) return this.#supervision.lines;
    this.#released = true;
    const stood = this.#guard.dismiss();
    await this.#measures;
    // Also where the guard was lost since: what was frozen or stopped there before stays so.
    if (outcome === 'aborted') await this.#giveBack();
    if (!stood) return this.#supervision.lines;
    if (outcome === 'promoted' && (await this.#supervision.mayReturn())) await this.#leaveGuard();
    await this.#guard.end();
    return this.#supervision.lines;
  }

  /** No shell there: nothing can be done, and only the port can say whether something still serves. */
  #withoutShell(error: unknown, sight: PortSight): FenceOutcome {
    this.#supervision.note(`no shell on its host: ${describeError(error)}`);
    const serves = sight === 'speaks' || sight === 'silent';
    if (serves) return this.#outcome('failed', 'its port accepts connections');
    return { ...this.#outcome('unreachable'), look: fenceLook(this.#target, undefined, sight) };
  }

  /**
   * The shell on its host went away after the server had been seen gone there: no surer than a host that gave none from the start, and
   * no less. Where it had been seen to run nobody knows what became of it.
   */
  async #withoutGuard(seen: FenceLook, held: FenceOutcome): Promise<FenceOutcome> {
    if (seen.process !== 'none' || seen.port === 'open' || this.#kills > 0) return held;
    this.#silent = true;
    return this.#withoutShell(new Error('the connection to it was lost'), await this.#knock());
  }

  /** Connections break for a moment, too: an sshd that is restarted ends them all. False when the host gives no shell any more. */
  async #setGuardAgain(signal: AbortSignal): Promise<boolean> {
    const { clock } = this.#ports;
    for (const until = clock.now() + guardMs; ;) {
      await this.#guard.standAgain();
      signal.throwIfAborted();
      if (!this.#guard.isMissing()) return true;
      if (clock.now() >= until) return false;
      await clock.sleep(settleMs, signal);
    }
  }

  #hear(word: GuardWord): void {
    if (word.kind === 'clear') this.#cleared = true;
    if (word.kind === 'held') this.#supervision.note('its port is held by a process that is no database server');
    if (word.kind === 'denied') this.#supervision.note(`may not kill ${word.text}`);
    if (word.kind === 'killed') this.#meet(word);
    this.#alarm.ring();
  }

  #meet(word: Extract<GuardWord, { kind: 'killed' }>): void {
    this.#kills += 1;
    const { record } = this.#target;
    const isRecorded = record?.pid === word.pid && record.startTime === word.startTime;
    const restarted = !isRecorded && (record !== undefined || this.#cleared);
    this.#cleared = false;
    this.#supervision.note(
      `killed the server (pid ${String(word.pid)})${restarted ? ', which had been started again' : ''}`,
    );
    this.#measures = this.#measures.then(() => this.#supervision.meet(word.ancestors, restarted));
  }

  async #stopSupervisors(report: HostReport): Promise<void> {
    const { place, record } = this.#target;
    const { holders } = judgeHost(report, place, record);
    const found = holders.map((holder) => unitOf(report, holder));
    // A unit that systemd is about to start again is ours only when it is the only one and nothing better is known.
    const waiting =
      record === undefined && holders.length === 0 && report.restarting.length === 1 ? report.restarting : [];
    const units = new Set([record?.unit, ...found, ...waiting].filter((unit) => unit !== undefined));
    const parents = record === undefined ? [] : [record.ancestors];
    const lines = [...parents, ...holders.map((holder) => ancestors(report, holder))];
    await Promise.all([...units].map((unit) => this.#supervision.stopUnit(unit)));
    if (units.size > 0) return;
    this.#measures = lines.reduce((last, line) => last.then(() => this.#supervision.meet(line, false)), this.#measures);
    await this.#measures;
  }

  /**
   * Down is what two looks agree on: the guard's, and one from here. A restart in between asks for another pair. Where other
   * servers' processes cannot be told from ours, a port that its host refuses has to do if none of them was started since.
   */
  async #untilDown(first: DatedLook | undefined, signal: AbortSignal): Promise<FenceOutcome> {
    const { clock } = this.#ports;
    const end = clock.now() + (this.#target.goneMs ?? goneMs);
    let why = 'something still holds its port or data directory';
    const isNews = (): boolean => this.#cleared || this.#guard.isMissing();
    while (clock.now() < end && (await this.#alarm.waitFor(isNews, end - clock.now(), signal))) {
      if (this.#guard.isMissing()) {
        why = 'its host gave no shell any more before the server was seen gone';
        if (await this.#setGuardAgain(signal)) continue;
        break;
      }
      await this.#measures;
      const look = this.#isStillTrue(first) ? first.look : await this.look(signal);
      first = undefined;
      if (look.port !== 'open' && look.process === 'none') return { ...this.#outcome('down'), look };
      why = whyNotDown(look);
      if (isClosedAmongElders(look) && this.#cleared) return this.#outcome('closed', closedAmongElders);
      await this.#alarm.rest(settleMs, signal);
    }
    await this.#measures;
    return this.#outcome('failed', why);
  }

  #isStillTrue(first: DatedLook | undefined): first is DatedLook {
    if (first === undefined || this.#kills > 0) return false;
    return first.look.process === 'none' && this.#ports.clock.now() - first.at < freshMs;
  }

  #outcome(state: FenceOutcome['state'], why?: string): FenceOutcome {
    if (why !== undefined) this.#supervision.note(why);
    return { state, lines: [...this.#supervision.lines] };
  }

  async #giveBack(): Promise<void> {
    await this.#supervision.thaw();
    for (const unit of this.#supervision.stoppedUnits) {
      this.#supervision.note(`${unit} was left stopped; start it with: systemctl start ${unit}`);
    }
  }

  async #leaveGuard(): Promise<void> {
    const { remoteWorkdir } = this.#target;
    const lines = await leaveGuard(this.#ports.door, this.#guard.target, remoteWorkdir, this.#supervision.frozen);
    for (const line of lines) this.#supervision.note(line);
  }
}
