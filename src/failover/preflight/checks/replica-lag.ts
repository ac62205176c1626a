import type { Check } from '../evidence.js';
import { replicasOf, standsInTheWay } from '../roles.js';

/** How far the appliers are behind, beyond a delay that is configured. Only said of threads that run. */
export const replicaLag: Check = (evidence) => {
  if (!evidence.verdict.sourceAnswers) return [];
  return replicasOf(evidence).flatMap(({ id, channel, settings }) => {
    if (channel.applier !== 'running' || channel.receiver !== 'running') return [];
    const behind = channel.lag === 'unknown' ? undefined : channel.lag - channel.delaySeconds;
    if (behind !== undefined && behind <= evidence.maxLagSeconds) return [];
    return [
      {
        id: 'replica-lag',
        severity: standsInTheWay(settings, evidence) ? ('refuse' as const) : ('warn' as const),
        server: id,
        seen:
          behind === undefined
            ? `${id} does not say how far it is behind`
            : `${id} is ${String(behind)} s behind the source (limit ${String(evidence.maxLagSeconds)} s)`,
        matters: 'Promoting it would have to wait until it has applied what it received.',
        fix: 'Let it catch up; look for long transactions, missing primary keys or too few applier threads.',
      },
    ];
  });
};

export const delayConfigured: Check = (evidence) =>
  replicasOf(evidence).flatMap(({ id, channel, settings }) => {
    if (channel.delaySeconds === 0) return [];
    return [
      {
        id: 'delay-configured',
        severity: settings.noMaster ? ('note' as const) : ('warn' as const),
        server: id,
        seen: `${id} applies ${String(channel.delaySeconds)} s late on purpose`,
        matters: 'It is not chosen as the source, and nobody waits for what it has yet to apply.',
        fix: settings.noMaster
          ? 'Nothing to do: no_master=1 keeps it from leading.'
          : 'Set no_master=1 in its block to say so, or remove the delay.',
      },
    ];
  });
