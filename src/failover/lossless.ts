import type { SourcePast, Suspect } from './errant.js';

/** From here on a timeout counts as none: nobody waits for a day at a commit. */
const endlessMs = 86_400_000;

/**
 * Whether nothing that the dead source acknowledged can be missing on the replicas that answered, whatever its disk holds:
 * it waited without end (AFTER_SYNC) when it was last seen, and everybody who could have acknowledged is here. Who was attached
 * is known of that moment only, so nobody may be `silent`; and one that receives nothing stands in for no stranger. In any
 * other case the answer is no.
 */
export function isLossless(past: SourcePast | undefined, answered: readonly Suspect[], silent: number): boolean {
  const set = past?.semiSync?.asSource;
  if (set?.enabled !== true || !set.lossless || set.timeoutMs < endlessMs || !set.waitsForNobody) return false;
  if (set.status?.active !== true || set.status.clients < set.replicas || silent > 0) return false;
  const acknowledging = answered.filter(
    ({ state, channel }) => state.semiSync?.asReplica === true && channel.receiver !== 'stopped',
  ).length;
  return acknowledging >= set.status.clients;
}
