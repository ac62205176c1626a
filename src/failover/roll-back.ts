import { compareCoordinates, formatCoordinates } from '../model/coordinates.js';
import { describeError, Fault } from '../model/fault.js';
import type { World } from './hand.js';
import { hands } from './hands.js';
import { mayOpen } from './may-open.js';
import type { StepFailure } from './plan-result.js';
import { undoSteps } from './undo.js';
import type { Story } from './outcome.js';
import type { Step } from './plan.js';

/** As long as it cannot be told whether the new source was opened, nobody takes writes. */
const openingLimitMs = 10_000;
/** A host that does not answer within it has the address or not: that is said. */
const addressLimitMs = 5_000;
const lookMs = 5_000;
/** What is left to be put back once clients can write again does not hold up the end of the run for longer. */
const restLimitMs = 10_000;

/**
 * Puts back what a switch did before its point of no return. First the new source must be closed, in case it was about to be
 * opened, or the site's script has done so; then the old one takes writes again, and nobody waits for a replica that may not answer; then the replicas.
 */
export async function rollBack(touched: readonly Step[], world: World, story: Story): Promise<void> {
  const calm: World = { ...world, signal: new AbortController().signal };
  const within = (ms: number): World => ({ ...world, signal: AbortSignal.timeout(ms) });
  const opening = touched.filter(mayOpen);
  const taking = touched.filter((step) => step.do === 'take-address');
  const releasing = touched.filter((step) => step.do === 'release-address');
  const ofSource = touched.filter((step) => step.server === story.source && step.do !== 'release-address');
  const done = new Set<Step>([...opening, ...taking, ...releasing, ...ofSource]);
  const rest = touched.filter((step) => !done.has(step));
  const giveBackAddress = async (): Promise<readonly StepFailure[]> => [
    ...(await undoSteps(taking, hands, within(addressLimitMs))),
    ...(await undoSteps(releasing, hands, within(addressLimitMs))),
  ];
  const failures = [...(await undoSteps(opening, hands, within(openingLimitMs)))];
  // Perhaps it is open: then the old source stays closed.
  if (failures.length === 0) {
    // The address leads to whoever takes writes, and neither waits for the other.
    const [address, source, lost] = await Promise.all([
      giveBackAddress(),
      undoSteps(ofSource, hands, calm),
      opening.length === 0 ? undefined : writtenMeanwhile(within(openingLimitMs)),
    ]);
    failures.push(...address, ...source);
    if (lost !== undefined) story.losses.push(lost);
  }
  if (failures.some(({ step }) => concernsWrites(step))) story.refusal = incomplete(story);
  failures.push(...(await undoSteps(rest, hands, within(restLimitMs))));
  story.warnings.push(...failures.map(words));
}

function concernsWrites(step: Step): boolean {
  return mayOpen(step) || step.do === 'stop-writes';
}

/** What clients wrote to the new source before it was closed again. Asked before it applies anything more. */
async function writtenMeanwhile({ facts, servers, signal }: World): Promise<string | undefined> {
  const { chosen, recorded } = facts;
  if (chosen === undefined || recorded === undefined) return undefined;
  const end = await servers.binlogEnd(chosen, { deadlineMs: lookMs, signal }).catch(() => undefined);
  if (end === undefined || compareCoordinates(recorded.at, end.at) === 0) return undefined;
  const [from, to] = [formatCoordinates(recorded.at), formatCoordinates(end.at)];
  return `${chosen} was open for a moment before the switch was given up, and something was written there: what its binary log has from ${from} to ${to} is on that server alone.`;
}

function incomplete({ source, refusal }: Story): Fault {
  return new Fault('ROLLBACK_INCOMPLETE', { server: source, cause: describeError(refusal) });
}

function words({ step, error }: StepFailure): string {
  return `${step.id} could not be undone: ${describeError(error)}`;
}
