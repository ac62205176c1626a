import type { Finding } from '../../../model/finding.js';
import { errantOn, errantWords } from '../../errant.js';
import type { Check } from '../evidence.js';
import { replicasOf, sourceOf } from '../roles.js';

/** Transactions that a replica made itself, which the source never had. */
export const errantGtid: Check = (evidence) => {
  const source = sourceOf(evidence);
  if (source === undefined) return [];
  return replicasOf(evidence).flatMap((replica): readonly Finding[] => {
    const beginning = evidence.facts.get(replica.id)?.binlogBeginning;
    const errant = errantOn(replica, source.state, [], beginning?.known === true ? beginning.value : undefined);
    if (errant === undefined) return [];
    return [
      {
        id: 'errant-gtid',
        severity: 'warn',
        server: replica.id,
        seen: `${replica.id} has transactions that ${source.id} does not have: ${errantWords(errant)}`,
        matters:
          errant.purged === ''
            ? 'Its data may differ, and if it becomes the source they go to all others. It is chosen only if every fit replica has some.'
            : 'Its data may differ. It is not chosen as the source: replicas would ask it for what it has purged, and stop.',
        fix: `Compare the data; then bring them to ${source.id} (an empty transaction with that GTID), or rebuild ${replica.id}.`,
      },
    ];
  });
};
