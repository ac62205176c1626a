import { describeError } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { ServerId } from '../model/settings.js';
import type { Journal } from '../ports/workdir.js';

/**
 * The journal's last line: its end, or which servers the next command is to put back first. Where it cannot be written the run has ended
 * all the same, and what came of it is still told.
 */
export async function recordEnd(
  outcome: RunOutcome,
  journal: Journal,
  left: readonly ServerId[] = [],
): Promise<RunOutcome> {
  try {
    await journal.append(
      left.length > 0 ? { what: 'left', data: left } : { what: 'end', data: { exit: outcome.exit } },
    );
    return outcome;
  } catch (error) {
    const text = `The end of this run could not be recorded, so the next command will take it for one that was killed: ${describeError(error)}`;
    return { ...outcome, warnings: [...outcome.warnings, text] };
  }
}
