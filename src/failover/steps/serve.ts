import { Fault } from '../../model/fault.js';
import type { ServeRequest } from '../../ports/recovery.js';
import type { SourceChange } from '../../ports/servers.js';
import { type Bench, type Former, type Hand, settingsOf, type World } from '../hand.js';
import { channelOf, run, shown } from './sql.js';

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

/** The stored account stays untouched: only the address and the place are said. */
function towardsRecovery(channel: string, former: Former, world: World): SourceChange {
  const listening = world.facts.listening.get(former.server);
  if (listening === undefined) throw new Fault('CHANNEL_GONE', { server: former.server });
  const executed = world.facts.executed.get(former.server);
  const { mode, ssl } = former.channel;
  if (executed === undefined && mode === 'coordinates') throw new Fault('TARGET_UNKNOWN', {});
  return {
    channel,
    host: listening.host,
    port: listening.port,
    from:
      executed === undefined && mode !== 'coordinates'
        ? { by: mode }
        : { by: 'coordinates', at: executed ?? { file: '', position: 4 } },
    modeNow: mode,
    connectRetry: 1,
    heartbeatSeconds: 2,
    ...(ssl.allowed ? { ssl: false } : {}),
  };
}

/** Lets the replica's own receiver and applier take what it misses from the recovery source. */
export const pointToRecovery: Hand<'point-to-recovery'> = {
  title: ({ server }) => `${server}: follow the recovery source`,
  deadlineMs: 70_000,
  async perform({ server, channel }, world) {
    const former = world.facts.former.get(server);
    if (former === undefined) throw new Fault('CHANNEL_GONE', { server });
    const dialect = world.servers.dialect(server);
    const change = dialect.pointTo(towardsRecovery(channel, former, world));
    const statements = dialect.switchesReceiverAlone
      ? [...dialect.stopReceiver(channel), ...change, ...dialect.startReceiver(channel)]
      : [...dialect.stopReplication(channel), ...change, ...dialect.startReplication(channel)];
    await run(world, server, statements);
  },
  async undo({ server, channel }, world) {
    const former = world.facts.former.get(server);
    if (former !== undefined) await restoreFormer(channel, former, world);
  },
  show: ({ server, channel }, { servers, facts }) => {
    const executed = facts.former.get(server)?.channel.executed;
    const from = { by: 'coordinates', at: executed ?? { file: '(executed file)', position: 4 } } as const;
    const dialect = servers.dialect(server);
    const change = { channel, host: '127.0.0.1', port: 0, from, connectRetry: 1, heartbeatSeconds: 2 };
    return shown([...dialect.pointTo(change), ...dialect.startReplication(channel)]);
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
  await run(world, server, dialect.stopReplication(channel));
  const now = await channelOf(world, server, channel);
  const at = now?.executed ?? world.facts.executed.get(server) ?? former.channel.executed;
  const { mode, ssl, sourceHost, sourcePort, connectRetry, heartbeatSeconds } = former.channel;
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
    ...(ssl.allowed ? { ssl: true } : {}),
  };
  await run(world, server, dialect.pointTo(change));
  if (former.channel.applier === 'running') await run(world, server, dialect.startApplier(channel));
}
