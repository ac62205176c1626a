import {
  compareCoordinates,
  type Coordinates,
  earliest,
  formatCoordinates,
  isBefore,
} from '../../model/coordinates.js';
import { describeError, Fault } from '../../model/fault.js';
import type { TailRequest } from '../../ports/recovery.js';
import type { Hand, World } from '../hand.js';
import { copyRelay } from './save-relay.js';
import { keep, startFor } from './saved-ranges.js';

/**
 * What only a laggard needs. It follows the promotion and is bounded. Where the source's log is unfit in that range, the relay log
 * that was set aside on the newest replica's host takes its place.
 */
export const saveLaggardRange: Hand<'save-laggard-range'> = {
  title: ({ server, member }) => `${server}: fetch what only ${member.server} misses`,
  deadlineMs: Number.POSITIVE_INFINITY,
  already({ member, from }, { facts }) {
    const own = from ?? facts.executed.get(member.server);
    const held = facts.servedFrom;
    return Promise.resolve(own !== undefined && held !== undefined && compareCoordinates(own, held) >= 0);
  },
  async perform({ logs, member, from: known }, world) {
    const { facts } = world;
    const from = known ?? (await startFor(member.server, logs, world));
    const until = facts.servedFrom;
    if (until === undefined) throw new Fault('TARGET_UNKNOWN', {});
    if (!isBefore(from, until)) return;
    const limitBytes = world.settings.laggardFetchLimitBytes;
    await fetchRange({ logs, from, until, limitBytes }, until, world);
    facts.servedFrom = earliest([from, facts.servedFrom ?? from]) ?? from;
  },
  show: () => [],
};

async function fetchRange(request: TailRequest, until: Coordinates, world: World): Promise<void> {
  let trouble: string;
  try {
    const ranges = await world.recovery.saveTail(request, world.signal);
    keep('laggard', ranges, world);
    const last = ranges.at(-1);
    const end = last?.to ?? request.from;
    if (!isBefore(end, until)) return;
    trouble = last?.defect?.text ?? `it ends at ${formatCoordinates(end)}`;
  } catch (error) {
    if (world.facts.aside === undefined || world.signal.aborted) throw error;
    trouble = describeError(error);
  }
  const aside = world.facts.aside;
  const ends = { end: formatCoordinates(request.from), server: world.source.id, at: formatCoordinates(until) };
  if (aside === undefined) throw new Fault('TAIL_ENDS_EARLY', ends);
  world.progress(`${trouble}; taking the relay log of ${aside.server} instead`);
  const relay = await copyRelay(world, aside.server, request.from);
  if (isBefore(request.from, relay.from) || isBefore(relay.to, until)) throw new Fault('TAIL_ENDS_EARLY', ends);
}
