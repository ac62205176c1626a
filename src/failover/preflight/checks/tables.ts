import type { Check } from '../evidence.js';
import { replicasOf, sourceOf } from '../roles.js';

const shown = 5;

/** Tables without transactions: half a statement may be on them when a server dies. Asked of the source, else of a replica. */
export const nonTransactionalTables: Check = (evidence) => {
  const server = sourceOf(evidence)?.id ?? replicasOf(evidence)[0]?.id;
  const known = server === undefined ? undefined : evidence.facts.get(server)?.nonTransactionalTables;
  if (server === undefined || known?.known !== true || known.value.length === 0) return [];
  const rest = known.value.length - shown;
  return [
    {
      id: 'non-transactional-tables',
      severity: 'warn',
      server,
      seen: `${server} has ${String(known.value.length)} tables without transactions: ${known.value.slice(0, shown).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`,
      matters: 'A crash can leave half a statement in them, which is in no binary log; replicas then differ.',
      fix: 'Convert them to InnoDB.',
    },
  ];
};
