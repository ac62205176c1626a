import type { Finding } from '../../../model/finding.js';
import type { Check } from '../evidence.js';
import { candidatesOf, replicasOf } from '../roles.js';

/** Scheduled events that came by replication stay off on the replica, also when it becomes the source. */
export const eventsDisabled: Check = (evidence) =>
  candidatesOf(evidence).flatMap(({ id }): readonly Finding[] => {
    const names = eventsOf(evidence, id, 'disabled-on-replica');
    if (names.length === 0) return [];
    return [
      {
        id: 'events-disabled',
        severity: 'warn',
        server: id,
        seen: `On ${id} scheduled events are disabled because it is a replica: ${names.join(', ')}`,
        matters: 'If it becomes the source they stay off, and what they do is not done any more.',
        fix: 'Note them: after a failover they have to be enabled by hand on the new source.',
      },
    ];
  });

export const eventsOnReplica: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, state }): readonly Finding[] => {
    const names = state.eventScheduler ? eventsOf(evidence, id, 'enabled') : [];
    if (names.length === 0) return [];
    return [
      {
        id: 'events-on-replica',
        severity: 'warn',
        server: id,
        seen: `On the replica ${id} the event scheduler runs, with enabled events: ${names.join(', ')}`,
        matters: 'They may write on the replica, so that its data differs from the source.',
        fix: 'Disable them on the replica.',
      },
    ];
  });

function eventsOf(
  evidence: Parameters<Check>[0],
  id: Parameters<typeof evidence.facts.get>[0],
  status: string,
): readonly string[] {
  const known = evidence.facts.get(id)?.events;
  return known?.known === true ? known.value.filter((event) => event.status === status).map(({ name }) => name) : [];
}
