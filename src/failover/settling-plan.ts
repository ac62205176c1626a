import { isDelayed } from './delayed.js';
import { lastOfDelayed } from './delayed-plan.js';
import { type Step, step, stepId } from './plan.js';
import type { RecoveryInput } from './recovery-sources.js';

/** Last of all, when nobody can need its relay log any more. */
export function planSettling({ chosen, contenders, wishes }: RecoveryInput): Step[] {
  const { server, channel } = chosen;
  const others = contenders.filter((contender) => contender.server !== server);
  const opened = stepId('open-for-writes', server);
  const last = others.map((other) => (isDelayed(other) ? lastOfDelayed(other) : stepId('repoint', other.server)));
  const settle = step(
    { do: 'settle-semi-sync' },
    { phase: 'repoint', server, needs: [opened], after: last, onFailure: 'note' },
  );
  return [
    // Nobody attaches to it where nobody is pointed to it.
    ...(wishes?.repoint === false ? [] : [settle]),
    step(
      { do: 'forget-source', channel: channel.name },
      {
        phase: 'repoint',
        server,
        needs: [opened],
        after: [...last, stepId('restore-appliers', server)],
        onFailure: 'note',
      },
    ),
    step(
      { do: 'restore-relay-purge' },
      { phase: 'repoint', server, needs: [opened], after: [stepId('forget-source', server)], onFailure: 'note' },
    ),
  ];
}
