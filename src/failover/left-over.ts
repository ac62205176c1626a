import type { ServerId } from '../model/settings.js';
import type { StepFailure } from './plan-result.js';
import type { Member } from './plan.js';

/** Replicas that a run which was given up could not put back as they were: they did not answer. */
export function leftOver(notUndone: readonly StepFailure[], members: readonly Member[]): readonly ServerId[] {
  const ids = members.map(({ server }) => server);
  return ids.filter((id) => notUndone.some(({ step }) => step.server === id));
}

/** Such a one may still be pointed to the recovery source, which is gone: by itself it will never follow anybody again. */
export function leftWords(servers: readonly ServerId[]): readonly string[] {
  if (servers.length === 0) return [];
  const names = servers.join(', ');
  return [
    `when ${names} can be reached again, run the command again: it first puts back what this run had set there (a replica may still be pointed to the recovery source)`,
  ];
}
