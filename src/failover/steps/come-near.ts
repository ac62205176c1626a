import { type Coordinates, formatCoordinates } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { Hand, Of, World } from '../hand.js';
import { isLedByGtids } from './held-gtids.js';
import { isReached } from './reach-target.js';
import { answerOf, channelOf } from './sql.js';

/** Near is: what the source had written at one moment was executed so soon after it. */
const nearMs = 250;
type End = NonNullable<Awaited<ReturnType<World['servers']['binlogEnd']>>>;

const sliceSeconds = 1;
/**
 * When the time is over this is near enough: a third of what a switch may keep clients waiting. A replica may stay so far
 * behind for as long as the load lasts, and one whose network is slow always.
 */
const nearAtLastMs = 1_000;
/** It gets as long as open transactions get, but never less than this. */
const leastMs = 10_000;

/**
 * While writes are still open: waits until the next source is close behind, so that it has next to nothing left to do
 * when clients are kept waiting for it.
 */
export const comeNear: Hand<'come-near'> = {
  title: ({ server }) => `${server}: come near while writes go on`,
  onlyLooks: true,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform(step, world) {
    const { clock, settings, servers, signal, facts } = world;
    const until = clock.now() + Math.max(leastMs, settings.switchDrainSeconds * 1000);
    const state = facts.former.get(step.server)?.state;
    // Parallel appliers of MySQL tell how far they are at checkpoints alone: what is done at once may be told as late as that.
    const toldAfterMs = (state?.parallelThreads ?? 0) > 0 ? (state?.checkpointMs ?? 0) : 0;
    for (;;) {
      const began = clock.now();
      const end = await servers.binlogEnd(step.source, { deadlineMs: 5_000, signal });
      if (end === undefined) throw new Fault('POSITION_UNKNOWN', { server: step.source });
      await untilExecuted(step, end, until, world);
      const now = clock.now();
      if (now - began <= (now < until ? nearMs : nearAtLastMs) + toldAfterMs) return;
      if (now >= until) throw await farBehind(step, end.at, world);
    }
  },
  show: ({ server, source }) => [`wait until ${server} is close behind ${source}`],
};

async function untilExecuted(
  step: Of<'come-near'>,
  { at: end, gtid }: End,
  until: number,
  world: World,
): Promise<void> {
  const { server, channel: name } = step;
  const dialect = world.servers.dialect(server);
  const byGtids = isLedByGtids(server, world);
  const question = byGtids ? dialect.waitForGtid(gtid, sliceSeconds) : dialect.waitForPosition(name, end, sliceSeconds);
  for (;;) {
    const answer = await answerOf(world, server, question, sliceSeconds * 1000 + 5_000);
    if (answer !== undefined && isReached(server, answer, world)) return;
    if (answer !== undefined && world.clock.now() < until) continue;
    throw await farBehind(step, end, world);
  }
}

async function farBehind({ server, channel: name }: Of<'come-near'>, end: Coordinates, world: World): Promise<Fault> {
  const seen = await channelOf(world, server, name);
  const at = seen?.executed === undefined ? 'unknown' : formatCoordinates(seen.executed);
  const applier = seen?.applier ?? 'gone';
  return new Fault('CANDIDATE_FAR_BEHIND', { server, at, end: formatCoordinates(end), applier });
}
