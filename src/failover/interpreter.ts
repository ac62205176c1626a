import { setMaxListeners } from 'node:events';
import { describeError } from '../model/fault.js';
import type { Phase } from '../ports/events.js';
import type { JournalEntry } from '../ports/workdir.js';
import { deadline } from './deadline.js';
import { handFor, type Hands, type World } from './hand.js';
import { OpenPhases } from './open-phases.js';
import type { Plan, Step } from './plan.js';
import type { PlanResult, StepFailure, StepOutcome } from './plan-result.js';

/**
 * Runs a plan: whatever is ready runs, all at once. The journal knows of each step before the world does.
 * A failure is handled as the step says; an abort lets running steps end (their signal is raised) and starts no more.
 */
export async function runPlan(plan: Plan, hands: Hands, world: World): Promise<PlanResult> {
  const run = new PlanRun(plan, hands, world);
  return run.toEnd();
}

class PlanRun {
  readonly #outcomes = new Map<string, StepOutcome>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #touched: Step[] = [];
  readonly #done: Step[] = [];
  readonly #failures: StepFailure[] = [];
  readonly #phases: OpenPhases;
  readonly #released = new Set<string>();
  readonly #givingBack: Promise<void>[] = [];
  readonly #stop = new AbortController();
  #ended: PlanResult['ended'] = 'done';
  #isUnrecorded = false;

  readonly #plan: Plan;
  readonly #hands: Hands;
  readonly #world: World;

  constructor(plan: Plan, hands: Hands, world: World) {
    this.#plan = plan;
    this.#hands = hands;
    const signal = AbortSignal.any([world.signal, this.#stop.signal]);
    // One listener for each step, and no more: Node would warn of a leak from the eleventh on.
    setMaxListeners(plan.steps.length + 10, signal);
    this.#world = { ...world, signal };
    this.#phases = new OpenPhases(world);
  }

  async toEnd(): Promise<PlanResult> {
    await this.#world.folder.journal.append({ what: 'plan', data: this.#plan });
    for (;;) {
      if (this.#world.signal.aborted && this.#ended === 'done') this.#ended = 'abort';
      const ready = this.#ended === 'done' ? this.#ready() : [];
      for (const step of ready) this.#start(step);
      // Not waited for here: what ends meanwhile may make other steps ready, and nobody would look.
      this.#giveBackLeases();
      if (this.#running.size === 0) break;
      await Promise.race(this.#running.values());
    }
    this.#skipTheRest();
    this.#giveBackLeases();
    await Promise.all(this.#givingBack);
    const skipped = this.#plan.steps.filter((step) => this.#outcomes.get(step.id) === 'skipped');
    return { ended: this.#ended, touched: this.#touched, done: this.#done, failures: this.#failures, skipped };
  }

  #ready(): Step[] {
    const ready: Step[] = [];
    for (const step of this.#plan.steps) {
      if (this.#outcomes.has(step.id) || this.#running.has(step.id)) continue;
      if (step.needs.some((id) => this.#isLost(id))) {
        this.#skip(step);
        continue;
      }
      if (step.needs.every((id) => this.#isDone(id)) && step.after.every((id) => this.#hasEnded(id))) ready.push(step);
    }
    return ready;
  }

  #known(id: string): boolean {
    return this.#plan.steps.some((step) => step.id === id);
  }

  /** A step that the plan leaves out is not waited for: an earlier plan did it, or it is not wanted. */
  #isDone(id: string): boolean {
    const outcome = this.#outcomes.get(id);
    return outcome === 'done' || outcome === 'already' || !this.#known(id);
  }

  #hasEnded(id: string): boolean {
    return this.#outcomes.has(id) || !this.#known(id);
  }

  #isLost(id: string): boolean {
    const outcome = this.#outcomes.get(id);
    return outcome === 'failed' || outcome === 'skipped';
  }

  #skip(step: Step): void {
    this.#outcomes.set(step.id, 'skipped');
    this.#world.events.emit({
      kind: 'step-ended',
      phase: step.phase,
      step: step.id,
      outcome: 'skipped',
      ms: 0,
      server: step.server,
    });
    this.#closePhase(step.phase);
  }

  #skipTheRest(): void {
    for (const step of this.#plan.steps) if (!this.#outcomes.has(step.id)) this.#skip(step);
  }

  #start(step: Step): void {
    this.#phases.enter(step.phase);
    const work = this.#perform(step).finally(() => this.#running.delete(step.id));
    this.#running.set(step.id, work);
  }

  async #perform(step: Step): Promise<void> {
    const { clock, events } = this.#world;
    const hand = handFor(this.#hands, step);
    const started = clock.now();
    const end = (outcome: 'done' | 'already' | 'failed', text?: string): void => {
      this.#outcomes.set(step.id, outcome);
      const ms = clock.now() - started;
      events.emit({
        kind: 'step-ended',
        phase: step.phase,
        step: step.id,
        outcome,
        ms,
        server: step.server,
        ...(text === undefined ? {} : { text }),
      });
      this.#closePhase(step.phase);
    };
    events.emit({
      kind: 'step-started',
      phase: step.phase,
      step: step.id,
      title: hand.title(step),
      server: step.server,
    });
    const limit = deadline(this.#world.signal, hand.deadlineMs, step.id);
    try {
      const world = this.#stepWorld(step, limit.signal);
      if ((await hand.already?.(step, world)) === true) {
        end('already');
        return;
      }
      const data = hand.remember?.(step, world);
      const intention: JournalEntry = { what: 'intend', step: step.id, ...(data === undefined ? {} : { data }) };
      if (hand.onlyLooks === true) this.#later(intention);
      else await this.#intend(intention);
      this.#touched.push(step);
      await hand.perform(step, world);
      await hand.verify?.(step, world);
      // Not waited for: it is on disk before the next intention is, and a run that is resumed looks at what is so anyway.
      this.#later({ what: 'done', step: step.id });
      this.#done.push(step);
      end('done');
    } catch (error) {
      this.#failed(step, error);
      end('failed', describeError(error));
    } finally {
      limit.met();
    }
  }

  #failed(step: Step, error: unknown): void {
    const wasCut = this.#stop.signal.aborted && error === this.#stop.signal.reason;
    this.#failures.push({ step, error, ...(wasCut ? { wasCut } : {}) });
    if (step.onFailure !== 'note') this.#phases.fail(step.phase);
    if (step.onFailure === 'abort' || step.onFailure === 'replan') {
      // An abort weighs more than a new plan that was called for beside it.
      if (this.#ended !== 'abort') this.#ended = step.onFailure;
      this.#stop.abort(new Error(`${step.id} failed`));
    }
    this.#later({ what: 'failed', step: step.id, data: describeError(error) });
  }

  /** Without the record nothing is touched; but what is left behind an opened source is worth more than its record. */
  async #intend(intention: JournalEntry): Promise<void> {
    const { events, facts, folder } = this.#world;
    try {
      await folder.journal.append(intention);
    } catch (error) {
      if (facts.opened === undefined) throw error;
      const text = `going on without a record, for the new source is open already: ${describeError(error)}`;
      if (!this.#isUnrecorded) events.emit({ kind: 'note', level: 'warning', text });
      this.#isUnrecorded = true;
    }
  }

  /** A journal that takes nothing more stops the next step at its intention; what is done still has to be undone. */
  #later(entry: JournalEntry): void {
    this.#world.folder.journal.append(entry).catch(() => undefined);
  }

  #stepWorld(step: Step, signal: AbortSignal): World {
    const progress = (text: string, done?: number, total?: number): void => {
      this.#world.events.emit({
        kind: 'step-progress',
        phase: step.phase,
        step: step.id,
        text,
        ...(done === undefined ? {} : { done }),
        ...(total === undefined ? {} : { total }),
      });
    };
    return { ...this.#world, progress, signal };
  }

  #closePhase(phase: Phase): void {
    const goesOn = this.#plan.steps.some((step) => step.phase === phase && !this.#outcomes.has(step.id));
    if (!goesOn) this.#phases.leave(phase);
  }

  /** Each lease whose dependants have all ended (or will never run). */
  #giveBackLeases(): void {
    for (const step of this.#done) {
      const hand = handFor(this.#hands, step);
      if (hand.release === undefined || this.#released.has(step.id)) continue;
      const dependants = this.#plan.steps.filter((other) => other.needs.includes(step.id));
      if (!dependants.every((other) => this.#outcomes.has(other.id))) continue;
      this.#released.add(step.id);
      this.#givingBack.push(this.#quietly(step, 'give back', () => hand.release?.(step, this.#world)));
    }
  }

  async #quietly(step: Step, verb: string, work: () => Promise<void> | undefined): Promise<void> {
    try {
      await work();
    } catch (error) {
      const text = `could not ${verb} ${step.id}: ${describeError(error)}`;
      this.#world.events.emit({ kind: 'note', level: 'warning', text, server: step.server });
    }
  }
}
