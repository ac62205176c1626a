import type { RunOutcome } from '../model/outcome.js';
import type { Bus } from '../report/bus.js';
import type { RunView } from './render-run.js';

/** Does the run and tells its end; whatever comes of it, the terminal is given back. */
export async function shown(view: RunView, bus: Bus, work: () => Promise<RunOutcome>): Promise<RunOutcome> {
  try {
    const outcome = await work();
    bus.emit({ kind: 'run-ended', exit: outcome.exit, summary: summaryOf(outcome) });
    return outcome;
  } finally {
    await view.finish();
  }
}

function summaryOf({ newSource, exit, refusal }: RunOutcome): string {
  if (newSource === undefined) return `aborted: ${refusal?.seen ?? 'see the report'}`;
  const rest = exit === 0 ? 'every replica follows it' : 'a server was left behind';
  return `${newSource} is the new source; ${rest}`;
}
