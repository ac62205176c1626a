import { describeError } from '../model/fault.js';
import type { ServerId } from '../model/settings.js';
import type { Step } from './plan.js';

export type StepOutcome = 'done' | 'already' | 'failed' | 'skipped';

export interface StepFailure {
  readonly step: Step;
  readonly error: unknown;
  /** It was cut off because another one failed: this says nothing of its own ground. */
  readonly wasCut?: true;
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

/** Servers that a plan left behind: a step of theirs failed in a way that gives up that server only. */
export function leftBehind(result: PlanResult): ReadonlyMap<ServerId, string> {
  const servers = new Map<ServerId, string>();
  for (const { step, error } of result.failures) {
    if (step.onFailure === 'give-up-server' && !servers.has(step.server))
      servers.set(step.server, describeError(error));
  }
  return servers;
}
