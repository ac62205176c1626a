import { Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { Former, Hand, World } from '../hand.js';
import { losesRelayLogOnStart } from '../newest.js';
import { restartApplier, stopApplierAgain } from './applier.js';
import { channelOf, run, shown } from './sql.js';
import { stopBoth } from './stop-both.js';

/** Ends the receiver: from here on positions are final. Its end is looked at, not assumed. */
export const stopReceiver: Hand<'stop-receiver'> = {
  title: ({ server }) => `${server}: stop the receiver`,
  deadlineMs: 90_000,
  async perform({ server, channel }, world) {
    const dialect = world.servers.dialect(server);
    const before = await channelOf(world, server, channel);
    // First the applier: started when both are stopped, it may find its relay log removed.
    const isHealthy = before?.applierError.number === 0;
    if (isHealthy && before.receiver !== 'stopped' && losesRelayLogOnStart({ ...before, receiver: 'stopped' }))
      await run(world, server, dialect.startApplier(channel));
    await run(world, server, dialect.stopReceiver(channel));
  },
  async verify({ server, channel }, world) {
    const seen = await channelOf(world, server, channel);
    if (seen?.receiver !== 'stopped')
      throw new Fault('RECEIVER_NOT_STOPPED', { server, state: seen?.receiver ?? 'no channel' });
  },
  async undo({ server, channel }, world) {
    await restartReceiver(server, channel, world);
    await stopApplierAgain(server, channel, world);
  },
  show: ({ server, channel }, { servers }) => shown(servers.dialect(server).stopReceiver(channel)),
};

/** Starts the receiver again unless somebody had stopped it before the run. */
async function restartReceiver(server: ServerId, channel: string, world: World): Promise<void> {
  if (world.facts.former.get(server)?.channel.receiver === 'stopped') return;
  await run(world, server, world.servers.dialect(server).startReceiver(channel));
}

/**
 * Level, and nothing to apply: it stops at once. A client's read lock keeps it from that without end (MariaDB 10.11), and
 * another candidate must not wait for that. Parallel appliers of MySQL may take a minute of their own.
 */
function patience(former: Former | undefined): number | undefined {
  const mayWait = former === undefined || (former.state.version.vendor === 'mysql' && former.state.parallelThreads > 0);
  return mayWait ? undefined : 20_000;
}

export const stopReplication: Hand<'stop-replication'> = {
  title: ({ server }) => `${server}: stop replication`,
  deadlineMs: 90_000,
  perform: ({ server, channel }, world) => stopBoth(server, channel, world, patience(world.facts.former.get(server))),
  verify: ({ server, channel }, world) => bothStopped(server, channel, world),
  async undo({ server, channel }, world) {
    await restartApplier(server, channel, world);
    await restartReceiver(server, channel, world);
  },
  show: ({ server, channel }, { servers }) => shown(servers.dialect(server).stopReplication(channel)),
};

async function bothStopped(server: ServerId, channel: string, world: World): Promise<void> {
  const seen = await channelOf(world, server, channel);
  if (seen === undefined) return;
  if (seen.receiver !== 'stopped' || seen.applier !== 'stopped') {
    throw new Fault('REPLICATION_NOT_STOPPED', { server, receiver: seen.receiver, applier: seen.applier });
  }
  if (seen.executed !== undefined) world.facts.executed.set(server, seen.executed);
}
