import { setMaxListeners } from 'node:events';
import { describeError } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Phase } from '../ports/events.js';
import type { JournalEntry } from '../ports/workdir.js';
import { deadline } from './deadline.js';
import type { Hand, Hands, World } from './hand.js';
import type { ActionKind, Plan, Step } from './plan.js';

export type StepOutcome = 'done' | 'already' | 'failed' | 'skipped';

export interface StepFailure {
  readonly step: Step;
  readonly error: unknown;
}

/**
 * How a plan ended. `touched` holds every step that began to act, failed ones too (they may have had half an effect), in
 * the order they began: undoing walks it backwards.
 */
export interface PlanResult {
  readonly ended: 'done' | 'abort' | 'replan';
  readonly touched: readonly Step[];
  readonly done: readonly Step[];
  readonly failures: readonly StepFailure[];
  readonly skipped: readonly Step[];
}

/** Hands are typed by kind; a step carries its kind, so this pairing is safe where the compiler cannot follow. */
function handFor(hands: Hands, step: Step): Hand<ActionKind> {
  return hands[step.do] as unknown as Hand<ActionKind>;
}

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
  readonly #phases = new Map<Phase, { started: number; failed: boolean }>();
  readonly #released = new Set<string>();
  readonly #stop = new AbortController();
  #ended: PlanResult['ended'] = 'done';

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
  }

  async toEnd(): Promise<PlanResult> {
    await this.#world.folder.journal.append({ what: 'plan', data: this.#plan });
    for (;;) {
      if (this.#world.signal.aborted && this.#ended === 'done') this.#ended = 'abort';
      const ready = this.#ended === 'done' ? this.#ready() : [];
      for (const step of ready) this.#start(step);
      // Looked at before anything is waited for: what ends meanwhile may make other steps ready.
      const isIdle = this.#running.size === 0 && ready.length === 0;
      await this.#releaseLeases();
      if (isIdle) break;
      if (this.#running.size > 0) await Promise.race(this.#running.values());
    }
    this.#skipTheRest();
    await this.#releaseLeases();
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
    if (!this.#phases.has(step.phase)) {
      this.#phases.set(step.phase, { started: this.#world.clock.now(), failed: false });
      this.#world.events.emit({ kind: 'phase-started', phase: step.phase });
    }
    const work = this.#perform(step).finally(() => this.#running.delete(step.id));
    this.#running.set(step.id, work);
  }

  async #perform(step: Step): Promise<void> {
    const { clock, events, folder } = this.#world;
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
      const intention: JournalEntry = { what: 'intend', step: step.id };
      if (hand.onlyLooks === true) this.#later(intention);
      else await folder.journal.append(intention);
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
    this.#failures.push({ step, error });
    const phase = this.#phases.get(step.phase);
    if (phase !== undefined && step.onFailure !== 'note') phase.failed = true;
    if (step.onFailure === 'abort' || step.onFailure === 'replan') {
      // An abort weighs more than a new plan that was called for beside it.
      if (this.#ended !== 'abort') this.#ended = step.onFailure;
      this.#stop.abort(new Error(`${step.id} failed`));
    }
    this.#later({ what: 'failed', step: step.id, data: describeError(error) });
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
    const begun = this.#phases.get(phase);
    if (begun === undefined) return;
    const open = this.#plan.steps.some((step) => step.phase === phase && !this.#outcomes.has(step.id));
    if (open) return;
    this.#phases.delete(phase);
    this.#world.events.emit({
      kind: 'phase-ended',
      phase,
      ok: !begun.failed,
      ms: this.#world.clock.now() - begun.started,
    });
  }

  /** Gives back each lease whose dependants have all ended (or will never run). */
  async #releaseLeases(): Promise<void> {
    for (const step of this.#done) {
      const hand = handFor(this.#hands, step);
      if (hand.release === undefined || this.#released.has(step.id)) continue;
      const dependants = this.#plan.steps.filter((other) => other.needs.includes(step.id));
      if (!dependants.every((other) => this.#outcomes.has(other.id))) continue;
      this.#released.add(step.id);
      await this.#quietly(step, 'give back', () => hand.release?.(step, this.#world));
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

/**
 * Puts back what the steps did, the last first. Each undo is tried whatever came of the others, but for one: when the
 * new source could not be closed again, what kept the old one closed is left as it is. What could not be undone is returned.
 */
export async function undoSteps(touched: readonly Step[], hands: Hands, world: World): Promise<readonly StepFailure[]> {
  const failures: StepFailure[] = [];
  for (const step of touched.toReversed()) {
    const hand = handFor(hands, step);
    if (hand.undo === undefined) continue;
    const started = world.clock.now();
    try {
      await hand.undo(step, world);
      // A journal that takes nothing more must not keep the rest from being put back.
      await world.folder.journal.append({ what: 'undone', step: step.id }).catch(() => undefined);
      const ms = world.clock.now() - started;
      world.events.emit({
        kind: 'step-ended',
        phase: step.phase,
        step: step.id,
        outcome: 'undone',
        ms,
        server: step.server,
      });
    } catch (error) {
      failures.push({ step, error });
      const text = `could not undo ${step.id}: ${describeError(error)}`;
      world.events.emit({ kind: 'note', level: 'error', text, server: step.server });
      if (step.do === 'open-for-writes') break;
    }
  }
  return failures;
}

/** Servers that a plan left behind: a step of theirs failed in a way that gives up that server only. */
export function leftBehind(result: PlanResult): ReadonlyMap<ServerId, string> {
  const servers = new Map<ServerId, string>();
  for (const { step, error } of result.failures) {
    if (step.onFailure === 'give-up-server' && !servers.has(step.server))
      servers.set(step.server, describeError(error));
  }
  return servers;
}
