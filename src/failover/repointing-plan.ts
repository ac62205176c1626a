import type { ServerId } from '../model/settings.js';
import type { Contender } from './election.js';
import { isRaised } from './parallel-applying.js';
import { type Step, step, stepId } from './plan.js';
import { levelsByGtid, type RecoveryInput, type Sources } from './recovery-sources.js';

/** Its threads are stopped for this; what was raised in vain is put back as well. */
export function restoring(server: ServerId, needs: readonly string[]): Step {
  return step({ do: 'restore-appliers' }, { phase: 'repoint', server, needs, onFailure: 'note' });
}

/** Phase 6, for one that is level. */
export function repointing(input: RecoveryInput, sources: Sources, contender: Contender): Step[] {
  const { chosen, wishes } = input;
  const { server, channel } = contender;
  const byGtid = levelsByGtid(input, sources, contender);
  const needs = [stepId(byGtid ? 'drain-applier' : 'reach-target', server), stepId('open-for-writes', chosen.server)];
  if (wishes?.repoint === false) {
    // It keeps the settings it had; they are put back at the end of the run.
    return [step({ do: 'restore-relay-purge' }, { phase: 'repoint', server, needs, onFailure: 'note' })];
  }
  const catchUp =
    byGtid && wishes?.waitForGtid !== false
      ? [
          step(
            { do: 'catch-up-by-gtid', channel: channel.name },
            { phase: 'repoint', server, needs: [stepId('repoint', server)], onFailure: 'give-up-server' },
          ),
        ]
      : [];
  return [
    ...(isRaised(input, sources, contender) ? [restoring(server, needs)] : []),
    step(
      { do: 'repoint', channel: channel.name, to: chosen.server },
      { phase: 'repoint', server, needs, after: [stepId('restore-appliers', server)], onFailure: 'give-up-server' },
    ),
    ...catchUp,
    step(
      { do: 'restore-relay-purge' },
      {
        phase: 'repoint',
        server,
        after: [stepId('repoint', server)],
        needs: [stepId('open-for-writes', chosen.server)],
        onFailure: 'note',
      },
    ),
  ];
}
