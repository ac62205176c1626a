import { type Coordinates, formatCoordinates } from '../model/coordinates.js';
import { describeError, Fault, isFault } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { FenceLook } from '../ports/fence.js';
import { type Contender, elect, type Elected } from './election.js';
import type { World } from './hand.js';
import { isLossless } from './lossless.js';
import type { PlanResult, StepFailure } from './plan-result.js';
import type { Story } from './outcome.js';
import { planRecovery, type RecoveryPlan } from './recovery-plan.js';
import type { DeadDisk } from './recovery-sources.js';
import type { FailoverWishes } from './wishes.js';

export interface GroundRules {
  readonly forced?: ServerId;
  readonly wishes: FailoverWishes;
  readonly unserved: ReadonlyMap<ServerId, string>;
}

/**
 * What a recovery stands on: the dead disk as far as it can be trusted, who was tried and failed, who cannot be served.
 * A plan that fails teaches something about it; the next plan is made on what is left.
 */
export class Ground {
  readonly #rules: GroundRules;
  readonly #world: World;
  readonly #story: Story;
  readonly #excluded = new Map<ServerId, string>();
  readonly #unserved: Map<ServerId, string>;
  readonly #relayUnfit = new Set<ServerId>();
  #disk: DeadDisk = { readable: false, why: 'nobody has looked yet' };

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
      disk: this.#disk,
      completeFirst: this.#world.settings.requireCompleteRescue,
      unserved: new Set(this.#unserved.keys()),
      relayUnfit: this.#relayUnfit,
      movesAddress: this.#world.settings.writerVip !== undefined,
      wishes: this.#rules.wishes,
    });
  }

  /**
   * MHA's delay rule keeps a replica out only while another one is fit; so does the lack of a way to serve it, which would
   * leave what only the dead disk holds where it is.
   */
  elect(contenders: readonly Contender[], forced: ServerId | undefined = this.#rules.forced): Elected {
    const named = forced === undefined ? {} : { forced };
    const unserved = [...this.#unserved].map(([id, why]) => [id, `it cannot be served: ${why}`] as const);
    const served = new Map([...unserved, ...this.#excluded]);
    const ladder = [
      { excluded: served, checkDelay: true },
      { excluded: served, checkDelay: false },
      { excluded: this.#excluded, checkDelay: true },
      { excluded: this.#excluded, checkDelay: false },
    ];
    const tries = ladder.map((rules) => elect(contenders, { ...named, ...rules }));
    const elected = tries.find((attempt) => attempt.ok);
    const unfit = (elected ?? tries.at(-1))?.unfit ?? [];
    this.#story.unfit = unfit;
    if (elected !== undefined) return elected;
    const words = unfit.map((entry) => `${entry.server}: ${entry.why}`).join('; ');
    const why = tries.at(-1)?.why ?? 'no replica answers';
    throw new Fault('NOBODY_TO_PROMOTE', { why, unfit: words === '' ? 'no replica answers' : words });
  }

  /** @param known a look that still stands */
  async lookAtDisk(known?: FenceLook): Promise<void> {
    this.#disk = await this.#seeDisk(known);
  }

  async #seeDisk(known?: FenceLook): Promise<DeadDisk> {
    if (!this.#rules.wishes.rescue) return this.#noDisk('rescue was switched off');
    const look = known ?? (await this.#world.fence.look(this.#world.signal));
    if (look.port === 'open') {
      throw new Fault('SOURCE_RETURNED', { server: this.#world.source.id, sign: 'its port accepts connections' });
    }
    const early = this.#world.facts.earlyTail;
    if (look.newestBinlog === undefined && early !== undefined) return this.#savedDisk(early.to);
    if (look.newestBinlog === undefined) return this.#noDisk('its host cannot be read over SSH');
    if (this.#world.source.binlogBase === undefined) return this.#noDisk('where its binary logs are is not known');
    this.#world.facts.diskEnd = look.newestBinlog;
    this.#world.facts.sshReachable = true;
    return { readable: true, end: look.newestBinlog };
  }

  #savedDisk(end: Coordinates): DeadDisk {
    const facts = this.#world.facts;
    facts.diskEnd = end;
    facts.sshReachable = false;
    this.#story.losses.push(
      `The binary log of ${this.#world.source.id} was fetched up to ${formatCoordinates(end)} before its power was cut; whether it wrote more after that is not known.`,
    );
    return { readable: true, end };
  }

  #noDisk(why: string): DeadDisk {
    const source = this.#world.source.id;
    const answered = [...this.#world.facts.former.values()].map(({ state }) => state);
    if (isLossless(this.#world.source.past, answered)) {
      const text = `The binary log on ${source} could not be read (${why}). Nothing that it acknowledged is lost: it waited without end for a replica to receive each transaction, and all that acknowledge have answered.`;
      this.#story.warnings.push(text);
      return { readable: false, why };
    }
    this.#story.losses.push(
      `The binary log on ${source} could not be read (${why}): transactions that it committed and no replica received are lost, and how many is not known.`,
    );
    return { readable: false, why };
  }

  /** Why no plan was left, for the end. */
  failures(): string {
    return [...this.#excluded.values()].join('; ');
  }

  /** What a failed plan taught: about the dead disk, or about the one that was chosen. */
  async learn(result: PlanResult): Promise<void> {
    for (const failure of result.failures) {
      if (failure.wasCut === true || (failure.step.onFailure !== 'replan' && failure.step.do !== 'serve')) continue;
      this.#disk = await this.#learnFrom(failure, this.#disk);
    }
    delete this.#world.facts.tail;
    delete this.#world.facts.recorded;
  }

  async #learnFrom({ step, error }: StepFailure, disk: DeadDisk): Promise<DeadDisk> {
    const { facts, settings, signal } = this.#world;
    if (signal.aborted) throw error;
    this.#note('warning', `planning again: ${describeError(error)}`);
    if (isFault(error, 'RESCUE_INCOMPLETE')) throw error;
    if (isFault(error, 'TAIL_ENDS_EARLY') && disk.readable) {
      const end = facts.saved.findLast((saved) => saved.kind === 'tail')?.range.to;
      return end === undefined ? disk : { ...disk, trustedUpTo: end };
    }
    if (isFault(error, 'TAIL_GREW')) return this.#seeDisk();
    if (step.do === 'save-tail' || step.do === 'complete-tail') {
      if (settings.requireCompleteRescue) throw error;
      return this.#noDisk(describeError(error));
    }
    if (step.do === 'save-relay') this.#relayUnfit.add(step.server);
    else if (step.do === 'serve') this.#unserved.set(step.server, describeError(error));
    else if (step.server === facts.chosen) this.#excluded.set(step.server, describeError(error));
    return disk;
  }

  say(chosen: Contender, why: string, sources: RecoveryPlan['sources']): void {
    const disk = this.#disk;
    const kept = this.#unserved.get(chosen.server);
    if (disk.readable && kept !== undefined) {
      const held = `What only the disk of ${this.#world.source.id} holds (up to ${formatCoordinates(disk.end)})`;
      this.#story.losses.push(`${held} could not be brought to ${chosen.server}: ${kept}.`);
    }
    const parts: string[] = [];
    if (sources.tail && disk.readable)
      parts.push(`the dead source's own binary log (to ${formatCoordinates(disk.end)})`);
    if (sources.relay !== undefined) parts.push(`the relay log of ${sources.relay.server}`);
    const from =
      parts.length === 0 ? 'nothing is missing on any replica' : `missing events come from ${parts.join(' and ')}`;
    this.#note('info', `new source: ${chosen.server} (${why}); ${from}`);
  }

  #note(level: 'info' | 'warning', text: string): void {
    this.#world.events.emit({ kind: 'note', level, text });
  }
}
