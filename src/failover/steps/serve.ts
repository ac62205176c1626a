import { type Coordinates, isBefore } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { ServeRequest } from '../../ports/recovery.js';
import type { Channel, PositionMode } from '../../model/picture.js';
import { type ServerId, settingsOf } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Dialect, SourceChange } from '../../ports/servers.js';
import type { Bench, Former, Hand, World } from '../hand.js';
import { isDelayed, movesReceiverAlone } from '../delayed.js';
import { asBefore, forRecovery } from '../source-options.js';
import { channelOf, run, shown } from './sql.js';
import { fillGaps, stopBoth } from './stop-both.js';

type Sight = Pick<World, 'settings' | 'servers' | 'facts'>;

/** The listener for one replica: a lease, closed when that replica is level or given up. */
export const serve: Hand<'serve'> = {
  title: ({ server }) => `${server}: open the recovery source`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    const address = await world.recovery.serve(request(server, world));
    world.facts.listening.set(server, address);
  },
  async release({ server }, world) {
    await world.recovery.stopServing(server);
    world.facts.listening.delete(server);
  },
  show: ({ server }, { settings }) => {
    const address = settingsOf(settings, server).recoveryListenAddress;
    return [
      address === undefined
        ? `reverse tunnel over SSH on 127.0.0.1 of ${server}`
        : `listen on ${address} for ${server}`,
    ];
  },
};

function request(server: Former['server'], { settings, facts }: World): ServeRequest {
  const { recoveryListenAddress, replicationUser, replicationPassword } = settingsOf(settings, server);
  const former = facts.former.get(server);
  if (former === undefined) throw new Fault('CHANNEL_GONE', { server });
  const user = replicationUser ?? former.channel.sourceUser;
  const sameUser = user === former.channel.sourceUser;
  return {
    replica: server,
    serverId: former.state.serverId,
    ...(former.state.serverUuid === undefined ? {} : { serverUuid: former.state.serverUuid }),
    ...(replicationPassword === undefined || !sameUser ? {} : { account: { user, password: replicationPassword } }),
    via: recoveryListenAddress === undefined ? { kind: 'tunnel' } : { kind: 'listen', address: recoveryListenAddress },
  };
}

/**
 * MySQL 5.7 and later: leaving auto-position demands a stopped applier, and GTID_ONLY forbids it. MariaDB: a list of domains
 * is an error outside of GTID mode (1201, seen on 10.11), and without the list it would apply what it must not.
 */
function staysByGtid({ server, channel }: Former, { servers }: Sight): boolean {
  const { doDomainIds, ignoreDomainIds } = channel.filters;
  if (channel.mode === 'auto-position') return servers.dialect(server).switchesReceiverAlone;
  return channel.mode !== 'coordinates' && (doDomainIds !== '' || ignoreDomainIds !== '');
}

/**
 * Where its receiver goes on. One that is moved alone keeps its relay log and goes on behind it, by the GTIDs it has or at
 * the received place; the others begin at the executed place, for their relay log is removed.
 */
function placeFor(former: Former, alone: boolean, now: Channel | undefined, world: Sight): SourceChange['from'] {
  const { mode } = former.channel;
  const executed = world.facts.executed.get(former.server);
  if (mode !== 'coordinates' && staysByGtid(former, world)) return { by: fetchedBy(mode) };
  const at = alone ? (now?.received ?? executed) : executed;
  if (at !== undefined) return { by: 'coordinates', at };
  if (mode === 'coordinates') throw new Fault('TARGET_UNKNOWN', {});
  return { by: fetchedBy(mode) };
}

/** Never by current_pos: what the replica wrote itself is nothing that the dead source could know. */
function fetchedBy(mode: Exclude<PositionMode, 'coordinates'>): Exclude<PositionMode, 'coordinates'> {
  return mode === 'gtid-current-pos' ? 'gtid-slave-pos' : mode;
}

/** The stored account stays untouched: said are the address, the place, and the options that cannot stay as they are. */
function towardsRecovery(
  former: Former,
  from: SourceChange['from'],
  listening: { readonly host: string; readonly port: number },
  { settings, servers }: Sight,
): SourceChange {
  const inTunnel = settingsOf(settings, former.server).recoveryListenAddress === undefined;
  const { modernTls } = servers.dialect(former.server);
  return {
    channel: former.channel.name,
    ...listening,
    from,
    modeNow: former.channel.mode,
    connectRetry: 1,
    heartbeatSeconds: 2,
    ...forRecovery(former.channel, { inTunnel, modernTls }),
  };
}

function recoveryStatements(change: SourceChange, alone: boolean, dialect: Dialect): Statement[] {
  const { channel } = change;
  return alone
    ? [...dialect.stopReceiver(channel), ...dialect.pointTo(change), ...dialect.startReceiver(channel)]
    : [...dialect.stopReplication(channel), ...dialect.pointTo(change), ...dialect.startReplication(channel)];
}

/**
 * After a crash the receiver may be shown where it was written down last (sync_source_info), long behind what is in the relay
 * log: from there on it would be given again what it has. Its relay log is removed then, as with families that always do.
 */
function isOutdated(now: Channel | undefined, executed: Coordinates | undefined): boolean {
  return now?.received !== undefined && executed !== undefined && isBefore(now.received, executed);
}

/** Lets the replica's own receiver and applier take what it misses from the recovery source. */
export const pointToRecovery: Hand<'point-to-recovery'> = {
  title: ({ server }) => `${server}: follow the recovery source`,
  deadlineMs: 90_000,
  async perform({ server, channel }, world) {
    const former = world.facts.former.get(server);
    const listening = world.facts.listening.get(server);
    if (former === undefined || listening === undefined) throw new Fault('CHANNEL_GONE', { server });
    const dialect = world.servers.dialect(server);
    const mayGoAlone = movesReceiverAlone(former);
    // Where it stands is told only once it stands: a running receiver would be given some of it twice.
    if (mayGoAlone) await run(world, server, dialect.stopReceiver(channel));
    const now = mayGoAlone ? await channelOf(world, server, channel) : undefined;
    const alone = mayGoAlone && (isDelayed(former) || !isOutdated(now, world.facts.executed.get(server)));
    const change = towardsRecovery(former, placeFor(former, alone, now, world), listening, world);
    await run(world, server, recoveryStatements(change, alone, dialect));
  },
  async undo({ server, channel }, world) {
    const former = world.facts.former.get(server);
    if (former !== undefined) await restoreFormer(channel, former, world);
  },
  show: ({ server }, sight) => {
    const former = sight.facts.former.get(server);
    if (former === undefined) return [];
    const dialect = sight.servers.dialect(server);
    const { executed, received, mode } = former.channel;
    const alone = movesReceiverAlone(former);
    const at = (alone ? received : executed) ?? { file: '(executed file)', position: 4 };
    const byGtid = mode !== 'coordinates' && staysByGtid(former, sight);
    const from = byGtid ? { by: fetchedBy(mode) } : ({ by: 'coordinates', at } as const);
    // The port is chosen when it starts.
    const host = settingsOf(sight.settings, server).recoveryListenAddress ?? '127.0.0.1';
    const change = towardsRecovery(former, from, { host, port: 0 }, sight);
    return shown(recoveryStatements(change, alone, dialect)).map((line) =>
      line.replace('_PORT=0,', '_PORT=(its port),'),
    );
  },
};

/**
 * The former host, port, options and mode with the replica's present position: the saved position is in the past as soon
 * as one transaction came through, and would apply it twice. The receiver stays stopped: starting it is for whoever stopped
 * it to undo, and a replica that was given up must not follow a source that may come back different.
 */
export async function restoreFormer(channel: string, former: Former, world: Bench): Promise<void> {
  const { server } = former;
  const dialect = world.servers.dialect(server);
  // A delayed one has its applier running all the time, and what it is to apply late in its relay log.
  const alone = isDelayed(former) && movesReceiverAlone(former);
  const now = alone ? await stoppedAlone(server, channel, world) : await stoppedBoth(former, channel, world);
  const executed = now?.executed ?? world.facts.executed.get(server) ?? former.channel.executed;
  const at = alone ? (now?.received ?? former.channel.received) : executed;
  const { mode, sourceHost, sourcePort, connectRetry, heartbeatSeconds } = former.channel;
  if (mode === 'coordinates' && at === undefined) throw new Fault('TARGET_UNKNOWN', {});
  const change: SourceChange = {
    channel,
    host: sourceHost,
    port: sourcePort,
    from:
      mode === 'coordinates' && at !== undefined
        ? { by: 'coordinates', at }
        : { by: mode === 'coordinates' ? 'gtid-slave-pos' : mode },
    ...(now === undefined ? {} : { modeNow: now.mode }),
    connectRetry,
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...asBefore(former.channel),
  };
  await run(world, server, dialect.pointTo(change));
  if (former.channel.applier === 'running' && !alone) await run(world, server, dialect.startApplier(channel));
}

async function stoppedAlone(server: ServerId, channel: string, world: Bench): Promise<Channel | undefined> {
  await run(world, server, world.servers.dialect(server).stopReceiver(channel));
  return channelOf(world, server, channel);
}

async function stoppedBoth(former: Former, channel: string, world: Bench): Promise<Channel | undefined> {
  const { server, state } = former;
  await stopBoth(server, channel, world);
  const now = await channelOf(world, server, channel);
  if (state.parallelThreads === 0 || now === undefined || now.applierError.number === 0) return now;
  await fillGaps(server, channel, world);
  return channelOf(world, server, channel);
}
