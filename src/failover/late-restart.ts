import type { ServerId } from '../model/settings.js';
import { isDelayed, movesReceiverAlone } from './delayed.js';
import type { RunFacts } from './hand.js';

/**
 * A delayed replica that follows the new source by coordinates has still to apply what it holds of the old one. With
 * relay_log_recovery=1 its server throws that away when it starts, and asks the new source for the place that it has executed:
 * one in the old source's log.
 */
export function restartHazards({
  facts,
  source,
}: {
  readonly facts: Pick<RunFacts, 'opened' | 'following' | 'former'>;
  readonly source: ServerId;
}): readonly string[] {
  const { opened, following, former } = facts;
  if (opened === undefined) return [];
  return [...following].flatMap((server) => {
    const known = former.get(server);
    if (known === undefined || !isDelayed(known) || !movesReceiverAlone(known)) return [];
    if (known.channel.mode !== 'coordinates' || !known.state.relayLogRecovery) return [];
    const seconds = String(known.channel.delaySeconds);
    return [
      `Do not restart ${server} for the next ${seconds} s: it applies late what it holds of ${source}, and with relay_log_recovery=1 a restart would drop that and have it ask ${opened.server} for a place in the binary log of ${source}.`,
    ];
  });
}
