import { compareCoordinates, type Coordinates, formatCoordinates, isBefore, latest } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { Bench, Hand, World } from '../hand.js';
import { losesRelayLogOnStart } from '../newest.js';
import { answerOf, channelOf, run, shown } from './sql.js';
import { untilDone } from './stall.js';

/** The applier's own words when nothing is left in the relay log; MariaDB 10.x and MySQL differ only in the subject. */
export const usedUp = /has read all relay log/i;

/** Done when everything received is executed, or when what is left is a transaction that was cut. */
function isDrained(channel: Channel): boolean {
  const { received, executed, applierState } = channel;
  if (received !== undefined && executed !== undefined && compareCoordinates(executed, received) >= 0) return true;
  return channel.applier === 'running' && usedUp.test(applierState);
}

function markOf(channel: Channel): string {
  const executed = channel.executed === undefined ? '?' : formatCoordinates(channel.executed);
  return `${executed} ${channel.relayLogFile}:${String(channel.relayLogPosition)} ${String(channel.relayLogSpace)}`;
}

function failIfBroken(server: ServerId, channel: Channel | undefined): asserts channel is Channel {
  if (channel === undefined) throw new Fault('CHANNEL_GONE', { server });
  const { number, text } = channel.applierError;
  if (number !== 0) throw new Fault('APPLIER_FAILED', { server, errno: number, message: text });
}

async function drain(server: ServerId, name: string, world: World): Promise<void> {
  const stallMs = world.settings.applierStallSeconds * 1000;
  const end = await untilDone(world.clock, stallMs, world.signal, async () => {
    const channel = await channelOf(world, server, name);
    failIfBroken(server, channel);
    if (isDrained(channel)) return { done: true };
    const mark = markOf(channel);
    world.progress(`applying its relay log: ${mark}`);
    return { done: false, mark };
  });
  if (end.stalled)
    throw new Fault('APPLIER_STALLED', { server, seconds: world.settings.applierStallSeconds, at: end.mark });
}

/**
 * Lets the applier use up its relay log. What it has executed then is a transaction boundary, and the place where
 * the replica goes on. Where a CHANGE needs both threads stopped, it ends with both stopped.
 */
export const drainApplier: Hand<'drain-applier'> = {
  title: ({ server }) => `${server}: let the applier drain`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server, channel: name, thenStop }, world) {
    const dialect = world.servers.dialect(server);
    const before = await channelOf(world, server, name);
    failIfBroken(server, before);
    if (losesRelayLogOnStart(before)) {
      // It stands still at the end of a transaction: what it has not applied it is given again.
      if (!thenStop) throw new Fault('RELAY_LOG_WOULD_BE_LOST', { server });
    } else {
      // A replica that follows our own listener since an earlier plan of this run has its place in `executed` already.
      if (before.applier !== 'running' && !isDrained(before)) await run(world, server, dialect.startApplier(name));
      await drain(server, name, world);
    }
    if (thenStop && !dialect.switchesReceiverAlone) await run(world, server, dialect.stopReplication(name));
    const after = await channelOf(world, server, name);
    failIfBroken(server, after);
    if (after.executed !== undefined) world.facts.executed.set(server, after.executed);
  },
  undo: ({ server, channel }, world) => restartApplier(server, channel, world),
  show: ({ server, channel, thenStop }, { servers }) => {
    const dialect = servers.dialect(server);
    return thenStop && !dialect.switchesReceiverAlone ? shown(dialect.stopReplication(channel)) : [];
  },
};

/** Puts the applier back to what it was before the run: running, unless somebody had stopped it. */
export async function restartApplier(server: ServerId, channel: string, world: World): Promise<void> {
  if (world.facts.former.get(server)?.channel.applier !== 'running') return;
  await run(world, server, world.servers.dialect(server).startApplier(channel));
}

/**
 * Stops an applier that a run has started and somebody had stopped before. Only behind the receiver's start: where both
 * are stopped, a start may remove the relay log (see `losesRelayLogOnStart`).
 */
export async function stopApplierAgain(server: ServerId, name: string, world: Bench): Promise<void> {
  if (world.facts.former.get(server)?.channel.applier !== 'stopped') return;
  const now = await channelOf(world, server, name);
  if (now?.applier === 'running') await run(world, server, world.servers.dialect(server).stopApplier(name));
}

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

async function waitForTarget(server: ServerId, name: string, world: World): Promise<void> {
  const target = targetOf(world);
  const { servedTo, executed, listening } = world.facts;
  const own = executed.get(server);
  if (!listening.has(server) && own !== undefined && isBefore(own, target)) {
    // Drained, its receiver stopped, and nobody serves it: it can come no further.
    throw new Fault('TARGET_BEYOND_RESCUE', { server, target: formatCoordinates(target), end: formatCoordinates(own) });
  }
  if (listening.has(server) && servedTo !== undefined && isBefore(servedTo, target)) {
    throw new Fault('TARGET_BEYOND_RESCUE', {
      server,
      target: formatCoordinates(target),
      end: formatCoordinates(servedTo),
    });
  }
  const question = world.servers.dialect(server).waitForPosition(name, target, sliceSeconds);
  const stallMs = world.settings.applierStallSeconds * 1000;
  const end = await untilDone(world.clock, stallMs, world.signal, async () => {
    const answer = await answerOf(world, server, question, sliceSeconds * 1000 + 5_000);
    if (answer !== undefined && answer >= 0) return { done: true };
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
    world.progress(`at ${mark}, to ${formatCoordinates(target)}`);
    return { done: false, mark };
  });
  if (end.stalled) {
    const seconds = world.settings.applierStallSeconds;
    throw new Fault('TARGET_NOT_REACHED', { server, target: formatCoordinates(target), at: end.mark, seconds });
  }
}

/** Proven by the server's own wait function, its answer read, and once more by its status. */
export const reachTarget: Hand<'reach-target'> = {
  title: ({ server }) => `${server}: apply up to the target`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async already({ server, channel: name }, world) {
    const seen = await channelOf(world, server, name);
    return seen?.executed !== undefined && compareCoordinates(seen.executed, targetOf(world)) >= 0;
  },
  perform: ({ server, channel }, world) => waitForTarget(server, channel, world),
  async verify({ server, channel: name }, world) {
    const seen = await channelOf(world, server, name);
    failIfBroken(server, seen);
    const target = targetOf(world);
    if (seen.executed === undefined || compareCoordinates(seen.executed, target) < 0) {
      const at = seen.executed === undefined ? 'unknown' : formatCoordinates(seen.executed);
      throw new Fault('TARGET_NOT_REACHED', { server, target: formatCoordinates(target), at, seconds: 0 });
    }
    world.facts.executed.set(server, seen.executed);
  },
  show: ({ server, channel }, { servers, facts }) =>
    facts.target === undefined
      ? [`wait on ${server} until the end of the saved binlog is executed`]
      : shown([servers.dialect(server).waitForPosition(channel, facts.target, sliceSeconds)]),
};
