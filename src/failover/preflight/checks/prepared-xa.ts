import type { Finding } from '../../../model/finding.js';
import type { ServerId } from '../../../model/settings.js';
import type { Check } from '../evidence.js';
import { sourceOf } from '../roles.js';

/**
 * Prepared XA transactions hold their locks until somebody commits them by name. A planned switch would leave them prepared on two
 * servers, and the one who is to commit them knows the old one only.
 */
export const preparedXa: Check = (evidence) => {
  const source = sourceOf(evidence);
  const known = source === undefined ? undefined : evidence.facts.get(source.id)?.preparedXa;
  if (source === undefined || known === undefined) return [];
  if (!known.known) return evidence.purpose === 'switch' ? [notAsked(source.id, known.reason)] : [];
  if (known.value.length === 0) return [];
  const names = known.value.join('; ');
  return [
    {
      id: 'prepared-xa',
      severity: evidence.purpose === 'switch' ? 'refuse' : 'note',
      server: source.id,
      seen: `${source.id} has ${String(known.value.length)} prepared XA transactions: ${names}`,
      matters:
        'They are replicated as prepared, and keep their locks; after a change of the source they must be ended on the new one.',
      fix: 'Let their transaction manager finish, or end each with XA COMMIT or XA ROLLBACK.',
    },
  ];
};

/** MySQL 8.0 and later tell nobody who lacks the right to ask. */
function notAsked(server: ServerId, reason: string): Finding {
  return {
    id: 'prepared-xa',
    severity: 'warn',
    server,
    seen: `Whether ${server} has prepared XA transactions could not be asked: ${reason}`,
    matters: 'If it has some, a switch leaves them prepared on two servers, each with its locks.',
    fix: 'On MySQL 8.0 and later grant XA_RECOVER_ADMIN to the administrative account; mha-ts doctor prints all that it needs.',
  };
}
