import { compareCoordinates, type Coordinates, formatCoordinates, isBefore, latest } from '../../model/coordinates.js';
import { Fault, isFault } from '../../model/fault.js';
import { formatHistory, isEmptyHistory } from '../../model/history.js';
import type { ServerId } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import { isDelayed } from '../delayed.js';
import type { Hand, World } from '../hand.js';
import { reached } from '../newest.js';
import { failIfBroken, markOf } from './applier.js';
import { historyToReach, isLedByGtids, lackingOn, lacksOfSource, missingFrom } from './held-gtids.js';
import { answerOf, channelOf, run, shown } from './sql.js';
import { untilDone } from './stall.js';

/**
 * The place that all must reach: the end of what was rescued, or what the chosen one has executed when that is further.
 * A replica that stays behind the chosen one must not follow it: what lies between would be missing there for good.
 */
export function targetOf({ facts }: Pick<World, 'facts'>): Coordinates {
  const own = facts.chosen === undefined ? undefined : facts.executed.get(facts.chosen);
  const target = latest([facts.target, own].filter((place) => place !== undefined));
  if (target === undefined) throw new Fault('TARGET_UNKNOWN', {});
  return target;
}

/** One slice of the server's own wait, in seconds: short enough to look at the threads' errors in between. */
const sliceSeconds = 1;

interface Wait {
  readonly question: Statement;
  /** The target in words. */
  readonly target: string;
}

function waitByCoordinates(server: ServerId, name: string, world: World): Wait {
  const target = targetOf(world);
  const { servedTo, executed, listening } = world.facts;
  const own = executed.get(server);
  const words = formatCoordinates(target);
  if (!listening.has(server) && own !== undefined && isBefore(own, target)) {
    // Drained, its receiver stopped, and nobody serves it: it can come no further.
    throw new Fault('TARGET_BEYOND_RESCUE', { server, target: words, end: formatCoordinates(own) });
  }
  if (listening.has(server) && servedTo !== undefined && isBefore(servedTo, target))
    throw new Fault('TARGET_BEYOND_RESCUE', { server, target: words, end: formatCoordinates(servedTo) });
  return { question: world.servers.dialect(server).waitForPosition(name, target, sliceSeconds), target: words };
}

/** Undefined: it has everything already. */
async function waitByGtids(server: ServerId, world: World): Promise<Wait | undefined> {
  const wanted = await historyToReach(server, world);
  const lacking = await lackingOn(server, wanted, world);
  if (lacking === '' || isEmptyHistory(wanted)) return undefined;
  const target = formatHistory(wanted);
  const isFed = world.facts.listening.has(server) || world.facts.sourceEnd !== undefined;
  if (!isFed) {
    const end = world.facts.heldGtids.get(server) ?? 'unknown';
    throw new Fault('TARGET_BEYOND_RESCUE', { server, target, end });
  }
  return { question: world.servers.dialect(server).waitForGtid(target, sliceSeconds), target };
}

async function waitForTarget(server: ServerId, name: string, world: World): Promise<void> {
  const wait = isLedByGtids(server, world) ? await waitByGtids(server, world) : waitByCoordinates(server, name, world);
  if (wait === undefined) return;
  const { question, target } = wait;
  const stallMs = world.settings.applierStallSeconds * 1000;
  const end = await untilDone(world.clock, stallMs, world.signal, async () => {
    const answer = await answerOf(world, server, question, sliceSeconds * 1000 + 5_000);
    if (answer !== undefined && isReached(server, answer, world)) return { done: true };
    const channel = await channelOf(world, server, name);
    failIfBroken(server, channel);
    if (channel.applier === 'stopped') await run(world, server, world.servers.dialect(server).startApplier(name));
    if (channel.receiver === 'stopped' && channel.receiverError.number !== 0) {
      throw new Fault('RECEIVER_FAILED', {
        server,
        errno: channel.receiverError.number,
        message: channel.receiverError.text,
      });
    }
    const mark = markOf(channel);
    world.progress(`at ${mark}, to ${target}`);
    return { done: false, mark };
  });
  if (end.stalled) {
    const seconds = world.settings.applierStallSeconds;
    throw new Fault('TARGET_NOT_REACHED', { server, target, at: end.mark, seconds });
  }
}

/** By coordinates the answer counts events; by GTIDs 0 is the only good one: MySQL says 1 when the time is up. */
export function isReached(server: ServerId, answer: number, world: World): boolean {
  return isLedByGtids(server, world) ? answer === 0 : answer >= 0;
}

/** Proven by the server's own wait function, its answer read, and once more by its status. */
export const reachTarget: Hand<'reach-target'> = {
  title: ({ server }) => `${server}: apply up to the target`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async already({ server, channel: name, asMuchAs }, world) {
    if (isLedByGtids(server, world)) return false;
    const seen = await channelOf(world, server, name);
    if (seen?.executed === undefined || compareCoordinates(seen.executed, targetOf(world)) < 0) return false;
    // Nothing is left to wait for, and whoever stopped its applier is not overruled for that.
    if (asMuchAs !== undefined) await verifyAsMuch(server, asMuchAs, world);
    return true;
  },
  perform: ({ server, channel }, world) => waitForTarget(server, channel, world),
  async verify({ server, channel: name, asMuchAs }, world) {
    if (isLedByGtids(server, world)) await verifyByGtids(server, world);
    else await verifyByCoordinates(server, name, world);
    if (server === world.facts.chosen) await verifyNobodyHasMore(server, world);
    if (asMuchAs !== undefined) await verifyAsMuch(server, asMuchAs, world);
  },
  show: ({ server, channel }, { servers, facts }) =>
    facts.target === undefined
      ? [`wait on ${server} until the old source's binary log is executed to its end, as far as that can be had`]
      : shown([servers.dialect(server).waitForPosition(channel, facts.target, sliceSeconds)]),
};

async function verifyByCoordinates(server: ServerId, name: string, world: World): Promise<void> {
  const seen = await channelOf(world, server, name);
  failIfBroken(server, seen);
  const target = targetOf(world);
  if (seen.executed === undefined || compareCoordinates(seen.executed, target) < 0) {
    const at = seen.executed === undefined ? 'unknown' : formatCoordinates(seen.executed);
    throw new Fault('TARGET_NOT_REACHED', { server, target: formatCoordinates(target), at, seconds: 0 });
  }
  world.facts.executed.set(server, seen.executed);
}

async function verifyByGtids(server: ServerId, world: World): Promise<void> {
  const wanted = await historyToReach(server, world);
  const lacking = await lackingOn(server, wanted, world);
  if (lacking === '') return;
  const at = `without ${lacking ?? 'anything that could be told'}`;
  throw new Fault('TARGET_NOT_REACHED', { server, target: formatHistory(wanted), at, seconds: 0 });
}

/** Where coordinates do not tell who has most, sets must: whatever a replica has would be lost with a source that lacks it. */
async function verifyNobodyHasMore(server: ServerId, world: World): Promise<void> {
  const { facts } = world;
  for (const other of facts.former.keys()) {
    const areKnown = facts.executed.has(other) && facts.executed.has(server);
    const isLed = facts.heldGtids.has(other) || facts.heldGtids.has(server);
    if (other === server || !isLed) continue;
    if (areKnown && !(await lacksOfSource(server, other, world))) continue;
    const missing = (await missingFrom(server, other, world)) ?? '';
    if (missing !== '') throw new Fault('HISTORIES_APART', { server, other, missing });
  }
}

/**
 * What the other one has and nothing could bring here would be lost with this one as the source. One whose applier is broken
 * counts with what it has executed, a delayed one with what it has received. One that does not answer any more has nothing to
 * give: what it held is told at the end.
 */
async function verifyAsMuch(server: ServerId, other: ServerId, world: World): Promise<void> {
  const former = world.facts.former.get(other);
  const part = former !== undefined && isDelayed(former) ? 'received' : 'executed';
  const theirs = await placeOf(other, part, world);
  const own = world.facts.executed.get(server);
  if (theirs !== undefined && own !== undefined && compareCoordinates(own, theirs) >= 0) return;
  // What lies between may be no transaction but the end of a file: where there are sets they know.
  const missing = await missingFrom(server, other, world, part);
  if (missing === '') return;
  if (missing !== undefined) throw new Fault('HISTORIES_APART', { server, other, missing });
  if (theirs === undefined || own === undefined) return;
  const between = `what lies between ${formatCoordinates(own)} and ${formatCoordinates(theirs)}`;
  throw new Fault('HISTORIES_APART', { server, other, missing: between });
}

async function placeOf(
  server: ServerId,
  part: 'executed' | 'received',
  world: World,
): Promise<Coordinates | undefined> {
  const { facts } = world;
  const drained = part === 'executed' ? facts.executed.get(server) : undefined;
  if (drained !== undefined) return drained;
  try {
    const now = await channelOf(world, server, facts.former.get(server)?.channel.name ?? '');
    return now === undefined || part === 'executed' ? now?.executed : reached({ channel: now });
  } catch (error) {
    world.signal.throwIfAborted();
    if (isFault(error)) return undefined;
    throw error;
  }
}
