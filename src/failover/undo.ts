import { describeError } from '../model/fault.js';
import { handFor, type Hands, type World } from './hand.js';
import type { Step } from './plan.js';
import type { StepFailure } from './plan-result.js';

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
