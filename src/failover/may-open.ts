import type { Step } from './plan.js';
import type { StepFailure } from './plan-result.js';

/** The opening itself, or a script of the site, which may open the new source as MHA's sample does, whatever it answered. */
export function mayOpen(step: Step): boolean {
  return step.do === 'open-for-writes' || (step.do === 'hook' && step.hook.endsWith('-start'));
}

/**
 * What was given up, and could not be seen to be closed again: perhaps it takes writes. Then nobody gives the old source back
 * to whoever would start it again.
 */
export function perhapsOpen(notUndone: readonly StepFailure[]): Step | undefined {
  return notUndone.find(({ step }) => mayOpen(step))?.step;
}
