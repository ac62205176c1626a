import { Fault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import type { Statement } from '../../model/statement.js';
import type { ServerId } from '../../model/settings.js';
import type { Former, Hand, World } from '../hand.js';
import { likeModel } from '../source-options.js';
import { towards, untilFollowing } from './repoint.js';
import { run, shown } from './sql.js';

type Sight = Pick<World, 'facts' | 'servers' | 'settings' | 'source'>;

/**
 * The old source becomes a replica of the new one, from the place recorded before that was opened: everything before it is
 * the old source's own. A MariaDB server that was always a source has no gtid_slave_pos: it is given the end of its own
 * binary log. In everything else it follows as the new source itself did.
 */
export const attachOldSource: Hand<'attach-old-source'> = {
  title: ({ server, to }) => `${server}: follow ${to}`,
  deadlineMs: 120_000,
  async perform({ server, to }, world) {
    await run(world, server, attachStatements(server, to, world));
  },
  verify: ({ server, to }, world) => {
    const model = world.facts.former.get(to);
    return untilFollowing(server, model === undefined ? '' : channelFor(server, to, model.channel, world), to, world);
  },
  show: ({ server, to }, sight) => shown(attachStatements(server, to, sight)),
};

function attachStatements(server: ServerId, to: ServerId, sight: Sight): readonly Statement[] {
  const { facts } = sight;
  const dialect = sight.servers.dialect(server);
  const model = facts.former.get(to);
  if (model === undefined) return [];
  const at = facts.opened?.at ?? { file: '(recorded file)', position: 4 };
  const channel = channelFor(server, to, model.channel, sight);
  const followed = towards(to, at, model, sight);
  const own = facts.oldSourceChannels.find(({ name }) => name === channel);
  // Its own stored account, if any, is of another channel: what the new source used is said by name.
  const user = followed.user ?? model.channel.sourceUser;
  const change = { ...followed, ...likeModel(model.channel), channel, user };
  const before = [
    ...semiSyncRoles(server, model, sight),
    ...(own === undefined ? [] : dialect.stopReplication(channel)),
  ];
  const start = dialect.startReplication(channel);
  if (change.from.by !== 'gtid-slave-pos') return [...before, ...dialect.pointTo(change), ...start];
  if (facts.oldSourceChannels.some(({ name }) => name !== channel)) {
    // gtid_slave_pos is one for all connections, and cannot be set while another one runs.
    return [...before, ...dialect.pointTo({ ...change, from: { by: 'coordinates', at } }), ...start];
  }
  const gtid = facts.sourceEnd?.gtid ?? '(its own binary log position)';
  const position = gtid === '' ? [] : dialect.setGtidSlavePos(gtid);
  return [...before, ...position, ...dialect.pointTo(change), ...start];
}

/**
 * The channel by which it follows the new source already, where each follows the other; else of the name that the new source
 * used. Its other channels are left alone.
 */
function channelFor(server: ServerId, to: ServerId, model: Channel, { facts, settings }: Sight): string {
  const target = settings.servers.find(({ id }) => id === to);
  const follows = ({ sourceHost, sourcePort }: Channel): boolean =>
    sourcePort === target?.port && [target.hostname, target.address].includes(sourceHost);
  const mutual = facts.oldSourceChannels.find(follows);
  if (mutual !== undefined) return mutual.name;
  const taken = facts.oldSourceChannels.find(({ name }) => name === model.name);
  if (taken === undefined) return model.name;
  const followed = `${taken.sourceHost}:${String(taken.sourcePort)}`;
  throw new Fault('CHANNEL_TAKEN', { server, followed, channel: model.name, source: to });
}

/** It acknowledges from now on, as the new source did while it was a replica, and waits for nobody. */
function semiSyncRoles(
  server: ServerId,
  model: Former,
  { servers, source }: Pick<World, 'servers' | 'source'>,
): readonly Statement[] {
  const own = source.past?.semiSync;
  const dialect = servers.dialect(server);
  if (own?.asSource?.enabled !== true) return [];
  const acknowledges = model.state.semiSync?.asReplica === true && own.asReplica === false;
  return [
    ...dialect.semiSyncAsSource(own.words, { enabled: false }),
    ...(acknowledges ? dialect.semiSyncAsReplica(own.words, true) : []),
  ];
}
