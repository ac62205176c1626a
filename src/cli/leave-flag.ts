import type { RunOutcome } from '../model/outcome.js';
import type { Workdir } from '../ports/workdir.js';

/**
 * MHA's marks: the next failover looks at them. One that had touched nothing leaves none, as with MHA: a lock that a purge of
 * relay logs held for a moment must not keep a supervised manager from trying again, nor hide what another one has completed.
 */
export async function leaveFlag(
  { exit, untouched }: Pick<RunOutcome, 'exit' | 'untouched'>,
  workdir: Pick<Workdir, 'setFlag' | 'clearFlag'>,
): Promise<void> {
  if (exit === 1 && untouched === true) return;
  await workdir.clearFlag(exit === 1 ? 'complete' : 'error');
  await workdir.setFlag(exit === 1 ? 'error' : 'complete');
}
