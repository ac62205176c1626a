import { type Coordinates, formatCoordinates, isBefore } from '../model/coordinates.js';
import { describeError, Fault, isFault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { FenceLook } from '../ports/fence.js';
import type { SourceLog } from '../ports/recovery.js';
import { beginRescue } from './begin-rescue.js';
import { type Contender, electForFailover, type Elected } from './election.js';
import type { World } from './hand.js';
import { heldAppliers } from './held-appliers.js';
import { type Copies, type CopyLook, lookForCopies, noCopies } from './copies.js';
import { isLossless } from './lossless.js';
import type { PlanResult, StepFailure } from './plan-result.js';
import type { Story } from './outcome.js';
import { planRecovery, type RecoveryPlan } from './recovery-plan.js';
import { deadLog, type DeadLog, inOrderOfUse } from './source-logs.js';
import type { FailoverWishes } from './wishes.js';

export interface GroundRules {
  readonly forced?: ServerId;
  readonly wishes: FailoverWishes;
  readonly unserved: ReadonlyMap<ServerId, string>;
}

/** How long copies are waited for once the disk that holds most has been seen. */
const graceMs = 300;

/**
 * What a recovery stands on: the dead source's log as far as it can be trusted, who was tried and failed, who cannot be served.
 * A plan that fails teaches something about it; the next plan is made on what is left.
 */
export class Ground {
  readonly #rules: GroundRules;
  readonly #world: World;
  readonly #story: Story;
  readonly #excluded = new Map<ServerId, string>();
  readonly #unserved: Map<ServerId, string>;
  readonly #relayUnfit = new Set<ServerId>();
  #hasBegunAnew = false;
  #log: DeadLog = { readable: false, why: 'nobody has looked yet' };
  #copies: CopyLook = { all: Promise.resolve(noCopies), soFar: () => noCopies };

  constructor(rules: GroundRules, world: World, story: Story) {
    this.#rules = rules;
    this.#world = world;
    this.#story = story;
    this.#unserved = new Map(rules.unserved);
  }

  plan(chosen: Contender, contenders: readonly Contender[]): RecoveryPlan {
    return planRecovery({
      source: this.#world.source.id,
      chosen,
      contenders,
      log: this.#log,
      completeFirst: this.#world.settings.requireCompleteRescue,
      unserved: new Set(this.#unserved.keys()),
      relayUnfit: this.#relayUnfit,
      movesAddress: this.#world.settings.writerVip !== undefined,
      wishes: this.#rules.wishes,
    });
  }

  elect(contenders: readonly Contender[], forced: ServerId | undefined = this.#rules.forced): Elected {
    const named = forced === undefined ? {} : { forced };
    const elected = electForFailover(contenders, {
      ...named,
      excluded: this.#excluded,
      unserved: this.#unserved,
      held: heldAppliers(this.#world.facts.former, contenders),
    });
    const { unfit } = elected;
    this.#story.unfit = unfit;
    if (elected.ok) return elected;
    const words = unfit.map((entry) => `${entry.server}: ${entry.why}`).join('; ');
    throw new Fault('NOBODY_TO_PROMOTE', { why: elected.why, unfit: words === '' ? 'no replica answers' : words });
  }

  /** Begins; the replicas freeze meanwhile. */
  lookForCopies(): void {
    const { facts, recovery, settings, signal, source } = this.#world;
    this.#copies = lookForCopies(source, facts.former.values(), settings.binlogServers, recovery, signal);
    void this.#copies.all.then(({ missing }) => {
      for (const text of missing) this.#story.warnings.push(`A copy of the binary log is not used: ${text}`);
    });
  }

  /** @param known a look that still stands */
  async lookAtLog(known?: FenceLook): Promise<void> {
    this.#log = await this.#seeLog(known);
  }

  async #seeLog(known?: FenceLook): Promise<DeadLog> {
    const disk = await this.#seeDisk(known);
    if (typeof disk === 'string') {
      const copies = await this.#copies.all;
      this.#missDisk(disk, copies.found);
      return deadLog(inOrderOfUse(undefined, copies.found), disk);
    }
    const seen = 'host' in disk ? disk : undefined;
    const copies = await this.#copiesInTime();
    return deadLog(inOrderOfUse(seen, copies.found), '', disk.end);
  }

  /** Beside a disk that can be read: a host that is silent is not worth an outage. */
  async #copiesInTime(): Promise<Copies> {
    const { clock, signal } = this.#world;
    await Promise.race([this.#copies.all, clock.sleep(graceMs, signal)]);
    return this.#copies.soFar();
  }

  /** The source's own disk; what was fetched from it before its power was cut; or why it cannot be read. */
  async #seeDisk(known?: FenceLook): Promise<SourceLog | { readonly end: Coordinates } | string> {
    const { facts, source } = this.#world;
    if (!this.#rules.wishes.rescue) return 'rescue was switched off';
    const look = known ?? (await this.#world.fence.look(this.#world.signal));
    if (look.port === 'open')
      throw new Fault('SOURCE_RETURNED', { server: source.id, sign: 'its port accepts connections' });
    const { newestBinlog: end } = look;
    if (end === undefined && facts.earlyTail !== undefined) return this.#savedDisk(facts.earlyTail.to);
    const isUnknown = source.binlogBase === undefined && look.process !== 'cannot-tell';
    if (isUnknown) return 'where its binary logs are is not known: see master_binlog_dir';
    if (end === undefined || source.binlogBase === undefined) return 'its host cannot be read over SSH';
    facts.diskEnd = end;
    facts.sshReachable = true;
    return { host: source.id, binlogBase: source.binlogBase, end };
  }

  #savedDisk(end: Coordinates): { readonly end: Coordinates } {
    const facts = this.#world.facts;
    facts.diskEnd = end;
    facts.sshReachable = false;
    this.#story.losses.push(
      `The binary log of ${this.#world.source.id} was fetched up to ${formatCoordinates(end)} before its power was cut; whether it wrote more after that is not known.`,
    );
    return { end };
  }

  #missDisk(why: string, copies: readonly SourceLog[]): void {
    const source = this.#world.source.id;
    const { former } = this.#world.facts;
    const { members, unreachable } = this.#story;
    const silent = unreachable.length + members.filter(({ server }) => !former.has(server)).length;
    if (isLossless(this.#world.source.past, [...former.values()], silent)) {
      const text = `The binary log on ${source} could not be read (${why}). Nothing that it acknowledged is lost: it waited without end for a replica to receive each transaction, and all that acknowledge have answered.`;
      this.#story.warnings.push(text);
      return;
    }
    const hosts = copies.flatMap(({ copy }) => copy ?? []);
    const receivers = hosts.length === 0 ? 'no replica' : `neither a replica nor ${hosts.join(' nor ')}`;
    this.#story.losses.push(
      `The binary log on ${source} could not be read (${why}): transactions that it committed and ${receivers} received are lost, and how many is not known.`,
    );
  }

  /** Why no plan was left, for the end. */
  failures(): string {
    return [...this.#excluded.values()].join('; ');
  }

  /** What a failed plan taught: about the source's log, or about the one that was chosen. */
  async learn(result: PlanResult): Promise<void> {
    const died = result.failures.find(({ error }) => isFault(error, 'RECOVERY_THREAD_DIED'));
    // What was fetched before a power cut cannot be read there again.
    const isThere = this.#world.facts.earlyTail === undefined;
    if (died !== undefined && isThere && !this.#hasBegunAnew && (await this.#beginsAnew(died))) return;
    for (const failure of result.failures) {
      if (failure.wasCut === true || (failure.step.onFailure !== 'replan' && failure.step.do !== 'serve')) continue;
      this.#log = await this.#learnFrom(failure, this.#log);
    }
    delete this.#world.facts.tail;
    delete this.#world.facts.recorded;
  }

  /** The thread is gone, with all that it held, and the disk is as it was: it is read once more. Once: the same may end it again. */
  async #beginsAnew({ error }: StepFailure): Promise<boolean> {
    const { facts, signal } = this.#world;
    signal.throwIfAborted();
    this.#hasBegunAnew = true;
    this.#note('warning', `beginning the rescue anew: ${describeError(error)}`);
    try {
      await beginRescue(this.#world);
    } catch (again) {
      if (!isFault(again)) throw again;
      this.#note('warning', `going on without it: ${describeError(again)}`);
      return false;
    }
    facts.saved.length = 0;
    facts.listening.clear();
    delete facts.servedFrom;
    delete facts.servedTo;
    delete facts.tail;
    delete facts.recorded;
    return true;
  }

  async #learnFrom({ step, error }: StepFailure, log: DeadLog): Promise<DeadLog> {
    const { facts, settings, signal } = this.#world;
    if (signal.aborted) throw error;
    if (step.do === 'look-again' && !isFault(error, 'TAIL_GREW')) throw error;
    this.#note('warning', `planning again: ${describeError(error)}`);
    if (isFault(error, 'RESCUE_INCOMPLETE')) throw error;
    if (isFault(error, 'TAIL_ENDS_EARLY') && log.readable) {
      const end = facts.saved.findLast((saved) => saved.kind === 'tail')?.range.to;
      if (end === undefined) return log;
      // Known already when this plan was made, and the newest one's relay log has not helped: this one would stay without.
      if (facts.chosen !== undefined && log.trustedUpTo !== undefined && !isBefore(end, log.trustedUpTo))
        this.#excluded.set(facts.chosen, describeError(error));
      return { ...log, trustedUpTo: end };
    }
    if (isFault(error, 'TAIL_GREW')) return this.#seeLog();
    if (step.do === 'save-tail' || step.do === 'complete-tail') {
      if (settings.requireCompleteRescue) throw error;
      this.#missDisk(describeError(error), []);
      return { readable: false, why: describeError(error) };
    }
    if (step.do === 'save-relay') this.#relayUnfit.add(step.server);
    else if (step.do === 'serve') this.#unserved.set(step.server, describeError(error));
    else if (step.server === facts.chosen) this.#excluded.set(step.server, describeError(error));
    return log;
  }

  say(chosen: Contender, why: string, sources: RecoveryPlan['sources']): void {
    const log = this.#log;
    const kept = this.#unserved.get(chosen.server);
    if (log.readable && kept !== undefined) {
      const holder = log.logs[0]?.copy ?? `the disk of ${this.#world.source.id}`;
      const held = `What only ${holder} holds (up to ${formatCoordinates(log.end)})`;
      this.#story.losses.push(`${held} could not be brought to ${chosen.server}: ${kept}.`);
    }
    const parts = sources.tail && log.readable ? namesOf(log) : [];
    if (sources.relay !== undefined) parts.push(`the relay log of ${sources.relay.server}`);
    const from =
      parts.length === 0 ? 'nothing is missing on any replica' : `missing events come from ${parts.join(' and ')}`;
    this.#note('info', `new source: ${chosen.server} (${why}); ${from}`);
  }

  #note(level: 'info' | 'warning', text: string): void {
    this.#world.events.emit({ kind: 'note', level, text });
  }
}

/** What is read, and what is read behind it because it goes on further. */
function namesOf({ logs, end }: Extract<DeadLog, { readable: true }>): string[] {
  const [first] = logs;
  const used = logs.filter((log) => log === first || (first !== undefined && isBefore(first.end, log.end)));
  const own = "the dead source's own binary log";
  if (first === undefined) return [`${own} (to ${formatCoordinates(end)})`];
  return used.map((log) => {
    const name = log.copy === undefined ? own : `the copy of its binary log on ${log.copy}`;
    return `${name} (to ${formatCoordinates(log.end)})`;
  });
}
