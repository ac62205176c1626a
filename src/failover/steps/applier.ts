import { formatCoordinates } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { Bench, Hand, World } from '../hand.js';
import { losesRelayLogOnStart } from '../newest.js';
import { restWatch } from './at-rest.js';
import { heldBy } from './held-gtids.js';
import { channelOf, run, shown } from './sql.js';
import { untilDone } from './stall.js';

/** Changes as long as the applier moves. */
export function markOf(channel: Channel): string {
  const executed = channel.executed === undefined ? '?' : formatCoordinates(channel.executed);
  return `${executed} ${channel.relayLogFile}:${String(channel.relayLogPosition)} ${String(channel.relayLogSpace)}`;
}

export function failIfBroken(server: ServerId, channel: Channel | undefined): asserts channel is Channel {
  if (channel === undefined) throw new Fault('CHANNEL_GONE', { server });
  const { number, text } = channel.applierError;
  if (number !== 0) throw new Fault('APPLIER_FAILED', { server, errno: number, message: text });
}

async function drain(server: ServerId, name: string, world: World): Promise<void> {
  const stallMs = world.settings.applierStallSeconds * 1000;
  const isAtRest = restWatch(server, world);
  const end = await untilDone(world.clock, stallMs, world.signal, async () => {
    const channel = await channelOf(world, server, name);
    failIfBroken(server, channel);
    if (await isAtRest(channel)) return { done: true };
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
      if (before.applier !== 'running' && !(await restWatch(server, world)(before)))
        await run(world, server, dialect.startApplier(name));
      await drain(server, name, world);
    }
    if (thenStop && !dialect.switchesReceiverAlone) await run(world, server, dialect.stopReplication(name));
    const after = await channelOf(world, server, name);
    failIfBroken(server, after);
    if (after.executed === undefined) world.facts.executed.delete(server);
    else world.facts.executed.set(server, after.executed);
    if (after.executed === undefined || after.mode === 'auto-position') await rememberHeld(server, world);
  },
  undo: ({ server, channel }, world) => restartApplier(server, channel, world),
  show: ({ server, channel, thenStop }, { servers }) => {
    const dialect = servers.dialect(server);
    return thenStop && !dialect.switchesReceiverAlone ? shown(dialect.stopReplication(channel)) : [];
  },
};

/** By auto-position, and where coordinates are not known, its GTIDs say where it goes on. */
async function rememberHeld(server: ServerId, world: World): Promise<void> {
  const held = await heldBy(server, world);
  if (held !== undefined) world.facts.heldGtids.set(server, held);
}

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
