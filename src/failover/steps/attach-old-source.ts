import { Fault } from '../../model/fault.js';
import { formatMariadbPosition, furthestPosition, parseMariadbPosition } from '../../model/gtid-mariadb.js';
import type { Channel } from '../../model/picture.js';
import type { Statement } from '../../model/statement.js';
import type { ServerId } from '../../model/settings.js';
import type { Former, Hand, World } from '../hand.js';
import { isAtWork, mutualChannel } from '../mutual-channel.js';
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
    const attaching = attachingTo(server, to, world);
    if (attaching === undefined) return;
    const { before, change, start } = attaching;
    await run(world, server, [...before, ...change, ...start]);
  },
  verify: ({ server, to }, world) => {
    const model = world.facts.former.get(to);
    return untilFollowing(server, model === undefined ? '' : channelFor(server, to, model.channel, world), to, world);
  },
  show: ({ server, to }, sight) => {
    const attaching = attachingTo(server, to, sight);
    if (attaching === undefined) return [];
    return shown([...attaching.before, ...attaching.change, ...attaching.start]);
  },
};

interface Attaching {
  readonly before: readonly Statement[];
  readonly change: readonly Statement[];
  readonly start: readonly Statement[];
}

/** Where each followed the other, the old source was stopped before the opening and goes on where it is: nobody knows better. */
function attachingTo(server: ServerId, to: ServerId, sight: Sight): Attaching | undefined {
  const { facts } = sight;
  const dialect = sight.servers.dialect(server);
  const model = facts.former.get(to);
  if (model === undefined) return undefined;
  const channel = channelFor(server, to, model.channel, sight);
  const own = facts.oldSourceChannels.find(({ name }) => name === channel);
  const goesOn = own !== undefined && isAtWork(own);
  return {
    before: [
      ...semiSyncRoles(server, model, sight),
      ...(own === undefined || goesOn ? [] : dialect.stopReplication(channel)),
    ],
    change: goesOn ? [] : changeStatements(server, { to, channel, model }, sight),
    start: dialect.startReplication(channel),
  };
}

function changeStatements(
  server: ServerId,
  { to, channel, model }: { readonly to: ServerId; readonly channel: string; readonly model: Former },
  sight: Sight,
): readonly Statement[] {
  const { facts } = sight;
  const dialect = sight.servers.dialect(server);
  const at = facts.opened?.at ?? { file: '(recorded file)', position: 4 };
  const followed = towards(to, at, model, sight);
  // Its own stored account, if any, is of another channel: what the new source used is said by name.
  const user = followed.user ?? model.channel.sourceUser;
  const change = { ...followed, ...likeModel(model.channel), channel, user };
  if (change.from.by !== 'gtid-slave-pos') return dialect.pointTo(change);
  if (facts.oldSourceChannels.some(({ name }) => name !== channel)) {
    // gtid_slave_pos is one for all connections, and cannot be set while another one runs.
    return dialect.pointTo({ ...change, from: { by: 'coordinates', at } });
  }
  return [...slavePosStatements(server, sight), ...dialect.pointTo(change)];
}

/**
 * Everything that it has: its binary log knows nothing of what it once applied without writing it down (log_slave_updates is off
 * by itself), and a position without such a domain would be sent that domain from its beginning, and apply it once more.
 */
function slavePosStatements(server: ServerId, { facts, servers, source }: Sight): readonly Statement[] {
  const dialect = servers.dialect(server);
  if (facts.sourceEnd === undefined) return dialect.setGtidSlavePos('(its own binary log position)');
  const [written, applied] = [facts.sourceEnd.gtid, source.past?.gtid.slavePos ?? ''].map(parseMariadbPosition);
  if (written === undefined || written.size === 0) return [];
  const whole = applied === undefined ? written : furthestPosition(written, applied);
  return dialect.setGtidSlavePos(formatMariadbPosition(whole));
}

/**
 * The channel by which it follows the new source already, where each follows the other; else of the name that the new source
 * used. Its other channels are left alone.
 */
function channelFor(server: ServerId, to: ServerId, model: Channel, { facts, settings }: Sight): string {
  const target = settings.servers.find(({ id }) => id === to);
  const mutual = mutualChannel(facts.oldSourceChannels, target);
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
