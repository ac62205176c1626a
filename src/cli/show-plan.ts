import { hands } from '../failover/hands.js';
import type { Hand, Sight } from '../failover/hand.js';
import type { ActionKind, Plan } from '../failover/plan.js';
import { phaseTitles } from '../ports/events.js';

export interface ShownStep {
  readonly id: string;
  readonly phase: string;
  readonly title: string;
  readonly does: readonly string[];
}

/** A plan with the SQL and commands of each step, as of now. */
export function showPlan(plan: Plan, sight: Sight): readonly ShownStep[] {
  return plan.steps.map((step) => {
    const hand = hands[step.do] as unknown as Hand<ActionKind>;
    return { id: step.id, phase: step.phase, title: hand.title(step), does: hand.show(step, sight) };
  });
}

/**
 * The same for a person: by phase, in the order in which phases begin. What only a replica far behind needs is planned
 * among the first steps, and yet nobody is repointed before somebody is promoted.
 */
export function planLines(steps: readonly ShownStep[]): readonly string[] {
  const begun = [...new Set(steps.map(({ phase }) => phase))];
  const phases = [...begun.filter((phase) => phase !== 'repoint'), ...begun.filter((phase) => phase === 'repoint')];
  return phases.flatMap((phase) => [
    phaseTitles[phase as keyof typeof phaseTitles],
    ...steps
      .filter((step) => step.phase === phase)
      .flatMap(({ title, does }) => [`  ${title}`, ...does.map((line) => `      ${line}`)]),
  ]);
}
