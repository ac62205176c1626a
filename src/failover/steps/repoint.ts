import { isIP } from 'node:net';
import type { Coordinates } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import { type ServerId, settingsOf } from '../../model/settings.js';
import type { SourceChange } from '../../ports/servers.js';
import type { Former, Hand, World } from '../hand.js';
import { modeToFollow } from '../mode-to-follow.js';
import { forNewSource } from '../source-options.js';
import { channelOf, run, shown } from './sql.js';
import { stopBoth } from './stop-both.js';

type Sight = Pick<World, 'settings' | 'facts'>;

/**
 * How a replica is to follow the new source: by address if it did so before, by the account the file names, else the one it
 * has stored; with the options it had, and in the mode it was in unless the file asks for another.
 */
export function towards(to: ServerId, at: Coordinates, former: Former, sight: Sight): SourceChange {
  const target = settingsOf(sight.settings, to);
  const { channel } = former;
  const mode = modeToFollow(
    former,
    sight.facts.former.get(to),
    settingsOf(sight.settings, former.server).useGtidAutoPos,
  );
  return {
    channel: channel.name,
    host: isIP(channel.sourceHost) === 0 ? target.hostname : target.address,
    port: target.port,
    ...(target.replicationUser === undefined ? {} : { user: target.replicationUser }),
    ...(target.replicationPassword === undefined ? {} : { password: target.replicationPassword }),
    from: mode === 'coordinates' ? { by: 'coordinates', at } : { by: mode },
    connectRetry: channel.connectRetry,
    ...(channel.heartbeatSeconds === undefined ? {} : { heartbeatSeconds: channel.heartbeatSeconds }),
    ...forNewSource(channel),
  };
}

const startDeadlineMs = 30_000;

/** Both threads running, and the receiver connected: connecting is not running. */
export async function untilFollowing(server: ServerId, name: string, source: ServerId, world: World): Promise<void> {
  const until = world.clock.now() + startDeadlineMs;
  let seen: Channel | undefined;
  let pause = 5;
  while (world.clock.now() < until) {
    seen = await channelOf(world, server, name);
    if (seen?.receiver === 'running' && seen.applier === 'running') {
      world.facts.following.add(server);
      return;
    }
    if (seen !== undefined && (seen.applierError.number !== 0 || hasGivenUp(seen))) break;
    await world.clock.sleep(pause, world.signal);
    pause = Math.min(pause * 2, 200);
  }
  throw new Fault('REPOINT_FAILED', {
    server,
    source,
    receiver: seen?.receiver ?? 'unknown',
    applier: seen?.applier ?? 'unknown',
    message: seen === undefined ? '' : seen.applierError.text || seen.receiverError.text,
  });
}

function hasGivenUp({ receiver, receiverError }: Channel): boolean {
  return receiver === 'stopped' && receiverError.number !== 0;
}

/** Phase 6: a replica that is proven level follows the new source from the place recorded before that was opened. */
export const repoint: Hand<'repoint'> = {
  title: ({ server, to }) => `${server}: follow ${to}`,
  deadlineMs: 120_000,
  async perform({ server, channel, to }, world) {
    const former = world.facts.former.get(server);
    const { opened } = world.facts;
    if (former === undefined || opened === undefined) throw new Fault('POSITION_UNKNOWN', { server: to });
    const dialect = world.servers.dialect(server);
    await stopBoth(server, channel, world);
    await run(world, server, [
      ...dialect.pointTo(towards(to, opened.at, former, world)),
      ...dialect.startReplication(channel),
    ]);
  },
  verify: ({ server, channel, to }, world) => untilFollowing(server, channel, to, world),
  show: ({ server, channel, to }, sight) => {
    const former = sight.facts.former.get(server);
    if (former === undefined) return [];
    const dialect = sight.servers.dialect(server);
    const at = sight.facts.opened?.at ?? { file: '(recorded file)', position: 4 };
    return shown([
      ...dialect.stopReplication(channel),
      ...dialect.pointTo(towards(to, at, former, sight)),
      ...dialect.startReplication(channel),
    ]);
  },
};
