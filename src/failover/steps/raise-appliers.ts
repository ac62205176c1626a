import { Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Dialect } from '../../ports/servers.js';
import type { Bench, Former, Hand } from '../hand.js';
import { raised } from '../parallel-applying.js';
import { channelOf, run, shown } from './sql.js';
import { stopBoth } from './stop-both.js';

/** Both threads are stopped when this is said: the server demands it. */
export const raiseAppliers: Hand<'raise-appliers'> = {
  title: ({ server }) => `${server}: apply in parallel what the source committed together`,
  deadlineMs: 10_000,
  already: ({ server }, { facts }) => Promise.resolve(facts.raised.has(server)),
  async perform({ server }, world) {
    // Before it is done: half of it is to be put back as well.
    world.facts.raised.add(server);
    await run(world, server, world.servers.dialect(server).applyInParallel(raised.threads, raised.mode));
  },
  undo: ({ server }, world) => restoreAndGoOn(server, world),
  show: ({ server }, { servers }) => shown(servers.dialect(server).applyInParallel(raised.threads, raised.mode)),
};

/** Before the replica goes on with the new source; of the new source itself once it is open. */
export const restoreAppliers: Hand<'restore-appliers'> = {
  title: ({ server }) => `${server}: apply as before`,
  deadlineMs: 90_000,
  already: ({ server }, { facts }) => Promise.resolve(!facts.raised.has(server)),
  perform: ({ server }, world) => restoreApplying(formerOf(server, world), world),
  show: ({ server }, { servers, facts }) => {
    const former = facts.former.get(server);
    return former === undefined ? [] : shown(asBefore(former, servers.dialect(server)));
  },
};

/** The replica's own number and mode. Leaves its threads stopped, as the server demands it. */
export async function restoreApplying(former: Former, world: Bench): Promise<void> {
  const { server, channel } = former;
  if ((await channelOf(world, server, channel.name)) !== undefined) await stopBoth(server, channel.name, world);
  await run(world, server, asBefore(former, world.servers.dialect(server)));
  world.facts.raised.delete(server);
}

/** The same where nobody comes after it who starts the threads. */
export async function restoreAndGoOn(server: ServerId, world: Bench): Promise<void> {
  const former = formerOf(server, world);
  const { channel } = former;
  const before = await channelOf(world, server, channel.name);
  await restoreApplying(former, world);
  const dialect = world.servers.dialect(server);
  if (before?.applier === 'running') await run(world, server, dialect.startApplier(channel.name));
  if ((before?.receiver ?? 'stopped') !== 'stopped') await run(world, server, dialect.startReceiver(channel.name));
}

function asBefore({ state, channel }: Former, dialect: Dialect): readonly Statement[] {
  return channel.parallelMode === undefined ? [] : dialect.applyInParallel(state.parallelThreads, channel.parallelMode);
}

function formerOf(server: ServerId, { facts }: Pick<Bench, 'facts'>): Former {
  const former = facts.former.get(server);
  if (former === undefined) throw new Fault('CHANNEL_GONE', { server });
  return former;
}
