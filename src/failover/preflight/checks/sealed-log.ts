import type { Check } from '../evidence.js';
import { candidatesOf, sourceOf } from '../roles.js';

/**
 * What only a dead source's disk holds is rescued from its files, and these can be read by their own server alone: to be known
 * before it dies. A binary log server is sent them in clear.
 */
export const sealedLog: Check = (evidence) => {
  const source = sourceOf(evidence);
  const candidates = candidatesOf(evidence);
  const sealed = [...(source === undefined ? [] : [source]), ...candidates].filter(
    ({ state }) => state.logBin && state.binlogSealedBy !== undefined,
  );
  if (sealed.length === 0) return [];
  const isNow = sealed.some(({ id }) => id === source?.id);
  const hasCopies = evidence.settings.binlogServers.length > 0;
  return [
    {
      id: 'sealed-log',
      severity: isNow && !hasCopies ? ('warn' as const) : ('note' as const),
      seen: `Nobody but the server itself can read its binary log files: ${sealed.map(({ id, state }) => `${id} ${state.binlogSealedBy ?? ''}`).join(', ')}`,
      matters: hasCopies
        ? 'When such a source dies, what only its disk holds cannot be rescued from there; the [binlogN] servers have what they were sent.'
        : 'When such a source dies, what only its disk holds cannot be rescued: the failover goes on with what the replicas have.',
      fix: hasCopies
        ? 'Nothing to do, as long as the [binlogN] servers keep up.'
        : 'Let a [binlogN] server stream the log, which it is sent in clear; or use lossless semi-synchronous replication; or turn the option off.',
    },
  ];
};
