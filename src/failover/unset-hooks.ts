import { type ClusterSettings, type HookCommands, settingsOf } from '../model/settings.js';
import type { Of } from './hand.js';
import type { Plan, Step } from './plan.js';

function commandOf(hook: Of<'hook'>['hook'], hooks: HookCommands): string | undefined {
  switch (hook) {
    case 'ip-stop':
    case 'ip-start':
      return hooks.masterIpFailover;
    case 'shutdown':
      return hooks.shutdown;
    case 'online-stop':
    case 'online-start':
      return hooks.masterIpOnlineChange;
  }
}

/** MHA: the stop is the old source's, the start the new one's; each step stands at the server whose script it calls. */
function isUnset(step: Step, settings: ClusterSettings): boolean {
  if (step.do !== 'hook') return false;
  const command = commandOf(step.hook, settingsOf(settings, step.server).hooks);
  return command === undefined || command.trim() === '';
}

/**
 * The plan without the calls of scripts that the site does not have: each would cost the journal a sync or two, while
 * clients wait. What stood behind such a call stands behind what the call had waited for.
 */
export function withoutUnsetHooks(plan: Plan, settings: ClusterSettings): Plan {
  const unset = new Map(plan.steps.filter((step) => isUnset(step, settings)).map((step) => [step.id, step] as const));
  const past = (ids: readonly string[]): readonly string[] => [
    ...new Set(ids.flatMap((id) => (unset.has(id) ? past(unset.get(id)?.needs ?? []) : [id]))),
  ];
  const steps = plan.steps
    .filter(({ id }) => !unset.has(id))
    .map((step) => ({ ...step, needs: past(step.needs), after: past(step.after) }));
  return { ...plan, steps };
}
