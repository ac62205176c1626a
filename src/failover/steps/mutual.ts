import { Fault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import type { Statement } from '../../model/statement.js';
import type { ServerId } from '../../model/settings.js';
import type { Dialect } from '../../ports/servers.js';
import type { Hand, World } from '../hand.js';
import { channelOf, run, shown } from './sql.js';
import { stopBoth } from './stop-both.js';

/** The threads that ran before. */
export function startAsBefore({ name, receiver, applier }: Channel, dialect: Dialect): readonly Statement[] {
  return [
    ...(applier === 'stopped' ? [] : dialect.startApplier(name)),
    ...(receiver === 'stopped' ? [] : dialect.startReceiver(name)),
  ];
}

async function goOn(server: ServerId, channel: string, world: World): Promise<void> {
  const before = world.facts.oldSourceChannels.find(({ name }) => name === channel);
  if (before !== undefined) await run(world, server, startAsBefore(before, world.servers.dialect(server)));
}

/**
 * Where two sources follow each other, the old one would apply what clients write to the new one and pass it on to replicas
 * that still follow it, which would be given it once more by the new one. So it stops before that is opened, and before the write
 * lock, which would hold up its applier and with it the stop.
 */
export const pauseFollowing: Hand<'pause-following'> = {
  title: ({ server }) => `${server}: stop following the one that takes over`,
  deadlineMs: 90_000,
  perform: ({ server, channel }, world) => stopBoth(server, channel, world),
  async verify({ server, channel }, world) {
    const seen = await channelOf(world, server, channel);
    if (seen === undefined || (seen.receiver === 'stopped' && seen.applier === 'stopped')) return;
    throw new Fault('REPLICATION_NOT_STOPPED', { server, receiver: seen.receiver, applier: seen.applier });
  },
  undo: ({ server, channel }, world) => goOn(server, channel, world),
  show: ({ server, channel }, { servers }) => shown(servers.dialect(server).stopReplication(channel)),
};

/** An old source that is left alone follows as it did before. */
export const resumeFollowing: Hand<'resume-following'> = {
  title: ({ server }) => `${server}: follow as before`,
  deadlineMs: 90_000,
  perform: ({ server, channel }, world) => goOn(server, channel, world),
  show: ({ server, channel }, { servers, facts }) =>
    shown(
      facts.oldSourceChannels
        .filter(({ name }) => name === channel)
        .flatMap((before) => startAsBefore(before, servers.dialect(server))),
    ),
};
