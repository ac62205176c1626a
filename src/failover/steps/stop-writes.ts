import { compareCoordinates, formatCoordinates } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { OpenTransaction } from '../../model/picture.js';
import { type Hand, settingsOf, type World } from '../hand.js';
import { run, shown } from './sql.js';
import { untilFollowing } from './repoint.js';

const pollMs = 20;

function listed(transactions: readonly OpenTransaction[]): string {
  return transactions
    .map(
      ({ connectionId, user, seconds, statement }) =>
        `${String(connectionId)} (${user}, ${String(seconds)} s${statement === '' ? '' : `: ${statement}`})`,
    )
    .join('; ');
}

/** A connection that runs one short transaction after another is not one long one. */
function isSame(old: OpenTransaction, now: OpenTransaction): boolean {
  return old.connectionId === now.connectionId && old.id === now.id && now.seconds >= old.seconds;
}

/**
 * While writes are still open: lets running transactions come to their end, since nobody can move an open one over.
 * Those that do not end in time make the switch refuse, or are ended by their ids where the operator said so.
 */
export const drainTransactions: Hand<'drain-transactions'> = {
  title: ({ server }) => `${server}: let open transactions end`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server }, world) {
    const until = world.clock.now() + world.settings.switchDrainSeconds * 1000;
    // Short transactions come and go; only those that were open at the start hold the switch up.
    let waiting = await world.servers.openTransactions(server, { deadlineMs: 5_000, signal: world.signal });
    while (waiting.length > 0 && world.clock.now() < until) {
      world.progress(`waiting for ${String(waiting.length)}: ${listed(waiting)}`);
      await world.clock.sleep(pollMs, world.signal);
      const now = await world.servers.openTransactions(server, { deadlineMs: 5_000, signal: world.signal });
      waiting = now.filter((open) => waiting.some((old) => isSame(old, open)));
    }
    if (waiting.length === 0) return;
    if (!world.facts.endTransactions) throw new Fault('TRANSACTIONS_OPEN', { server, transactions: listed(waiting) });
    for (const { connectionId, user, statement } of waiting) {
      await run(world, server, world.servers.dialect(server).endConnection(connectionId));
      world.facts.ended.push({ connectionId, user, statement });
    }
  },
  show: ({ server }, { settings }) => [
    `wait up to ${String(settings.switchDrainSeconds)} s for open transactions on ${server}`,
  ],
};

/** Seconds that the lock itself may wait for running statements; writes queue behind it meanwhile. */
const lockWaitSeconds = 1;

/**
 * Stops writes for everybody, privileged accounts too, on a connection that is held until the new source is open. The position
 * is read under the lock and must stand still.
 */
export const stopWrites: Hand<'stop-writes'> = {
  title: ({ server }) => `${server}: stop writes`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    const { servers, facts, signal } = world;
    const dialect = servers.dialect(server);
    const options = { deadlineMs: 5_000, signal };
    const session = await servers.hold(server, options);
    facts.lock = session;
    await session.run([...dialect.lockWrites(lockWaitSeconds), ...dialect.readOnly(true)], options);
    const first = await servers.binlogEnd(server, options);
    const second = await servers.binlogEnd(server, options);
    if (first === undefined || second === undefined) throw new Fault('POSITION_UNKNOWN', { server });
    if (compareCoordinates(first.at, second.at) !== 0) {
      throw new Fault('WRITES_NOT_STOPPED', {
        server,
        first: formatCoordinates(first.at),
        second: formatCoordinates(second.at),
      });
    }
    facts.target = second.at;
    facts.sourceEnd = second;
    world.progress(formatCoordinates(second.at));
  },
  async undo({ server }, world) {
    const dialect = world.servers.dialect(server);
    const { lock } = world.facts;
    delete world.facts.lock;
    try {
      // The lock's own connection may have been lost; then the lock went with it, and any connection will do.
      await run(world, server, world.facts.oldSourceWasReadOnly ? [] : dialect.readOnly(false));
    } finally {
      lock?.close();
    }
  },
  show: ({ server }, { servers }) => {
    const dialect = servers.dialect(server);
    return shown([...dialect.lockWrites(lockWaitSeconds), ...dialect.readOnly(true)]);
  },
};

/** The old source stays read-only; only the lock that also held privileged accounts goes. */
export const unlockWrites: Hand<'unlock-writes'> = {
  title: ({ server }) => `${server}: give the write lock back`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    const { lock } = world.facts;
    delete world.facts.lock;
    try {
      await lock?.run(world.servers.dialect(server).unlockWrites(), { deadlineMs: 5_000, signal: world.signal });
    } finally {
      lock?.close();
    }
  },
  show: ({ server }, { servers }) => shown(servers.dialect(server).unlockWrites()),
};

/**
 * The old source becomes a replica of the new one, from the place recorded before that was opened: everything before it is the old
 * source's own. A MariaDB server that was always a source has no gtid_slave_pos: it is given its own binary log's state.
 */
export const attachOldSource: Hand<'attach-old-source'> = {
  title: ({ server, to }) => `${server}: follow ${to}`,
  deadlineMs: 60_000,
  async perform({ server, to }, world) {
    await run(world, server, attachStatements(server, to, world));
  },
  verify: ({ server, to }, world) => untilFollowing(server, '', to, world),
  show: ({ server, to }, sight) => shown(attachStatements(server, to, sight)),
};

function attachStatements(
  server: Parameters<World['servers']['dialect']>[0],
  to: typeof server,
  { facts, servers, settings }: Pick<World, 'facts' | 'servers' | 'settings'>,
): ReturnType<ReturnType<World['servers']['dialect']>['startReplication']> {
  const dialect = servers.dialect(server);
  const target = settingsOf(settings, to);
  const model = facts.former.get(to)?.channel;
  const at = facts.opened?.at ?? { file: '(recorded file)', position: 4 };
  const mode = model?.mode ?? 'coordinates';
  const user = target.replicationUser ?? model?.sourceUser;
  const change = {
    channel: '',
    host: target.hostname,
    port: target.port,
    ...(user === undefined ? {} : { user }),
    ...(target.replicationPassword === undefined ? {} : { password: target.replicationPassword }),
    from: mode === 'coordinates' ? ({ by: 'coordinates', at } as const) : ({ by: mode } as const),
    connectRetry: model?.connectRetry ?? 60,
    ...(model?.heartbeatSeconds === undefined ? {} : { heartbeatSeconds: model.heartbeatSeconds }),
    ...(model?.ssl.allowed === true ? { ssl: true } : {}),
  };
  const gtid = facts.sourceEnd?.gtid ?? '';
  const position = mode === 'gtid-slave-pos' && gtid !== '' ? dialect.setGtidSlavePos(gtid) : [];
  return [...position, ...dialect.pointTo(change), ...dialect.startReplication('')];
}
