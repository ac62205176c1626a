import { compareCoordinates, type Coordinates, formatCoordinates } from '../../model/coordinates.js';
import { describeError, Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { Session } from '../../ports/servers.js';
import type { Hand, World } from '../hand.js';
import { run, shown } from './sql.js';

/**
 * Seconds that each of the two statements may wait for running ones; all new writes queue behind them meanwhile, and the
 * old source must be writable again within a second.
 */
const lockWaitSeconds = 0.4;

/**
 * Stops writes for everybody, privileged accounts too, on a connection that is held until the new source is open. The
 * position is read under the lock; that it stands still is looked at again right before the new source is opened.
 */
export const stopWrites: Hand<'stop-writes'> = {
  title: ({ server }) => `${server}: stop writes`,
  deadlineMs: 15_000,
  async perform({ server, lock, flush }, world) {
    const { servers, facts, signal } = world;
    const dialect = servers.dialect(server);
    const options = { deadlineMs: 5_000, signal };
    const session = await servers.hold(server, options);
    facts.lock = session;
    try {
      if (flush !== false) await session.run(dialect.prepareLock(), options);
      world.writeBlock?.begin();
      await session.run(lock === false ? dialect.readOnly(true) : dialect.lockWrites(lockWaitSeconds), options);
    } catch (error) {
      throw new Fault('WRITES_NOT_LOCKED', { server, cause: describeError(error) }, { cause: error });
    }
    const end = await session.binlogEnd(options);
    if (end === undefined) throw new Fault('POSITION_UNKNOWN', { server });
    if (lock === false) await standsStill(server, session, end.at, world);
    facts.target = end.at;
    facts.sourceEnd = end;
    world.progress(formatCoordinates(end.at));
  },
  async undo({ server }, world) {
    const { lock, oldSourceWasReadOnly } = world.facts;
    delete world.facts.lock;
    // Together with its connection the lock goes, which was perhaps lost already; then any other connection will do.
    lock?.close();
    if (!oldSourceWasReadOnly) await reopen(server, world);
  },
  show: ({ server, lock, flush }, { servers }) => {
    const dialect = servers.dialect(server);
    const stopping = lock === false ? dialect.readOnly(true) : dialect.lockWrites(lockWaitSeconds);
    return shown([...(flush === false ? [] : dialect.prepareLock()), ...stopping]);
  },
};

/** MHA's pause between two looks where nothing holds privileged accounts back. */
const stillMs = 200;

/** Without the lock only the position tells whether somebody still writes. */
async function standsStill(server: ServerId, session: Session, at: Coordinates, world: World): Promise<void> {
  await world.clock.sleep(stillMs, world.signal);
  const now = await session.binlogEnd({ deadlineMs: 5_000, signal: world.signal });
  if (now === undefined) throw new Fault('POSITION_UNKNOWN', { server });
  if (compareCoordinates(at, now.at) === 0) return;
  const [first, second] = [formatCoordinates(at), formatCoordinates(now.at)];
  throw new Fault('WRITES_NOT_STOPPED', { server, first, second });
}

const reopenTries = 3;

/**
 * A statement of ours that was given up may still be carried out behind the first try, and one that was refused is not
 * needed when the server was never closed: what counts is what the server says of itself.
 */
export async function reopen(server: ServerId, world: World): Promise<void> {
  let failure: unknown;
  for (let attempt = 1; attempt <= reopenTries; attempt += 1) {
    await run(world, server, world.servers.dialect(server).readOnly(false)).catch((error: unknown) => {
      failure = error;
    });
    const reach = await world.servers.reach(server, 5_000);
    if (reach.kind === 'answered' && !reach.state.readOnly) return;
  }
  throw failure instanceof Error ? failure : new Fault('STILL_READ_ONLY', { server });
}

/** The old source stays read-only; only the lock that also held privileged accounts goes. */
export const unlockWrites: Hand<'unlock-writes'> = {
  title: ({ server }) => `${server}: give the write lock back`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    const { lock } = world.facts;
    delete world.facts.lock;
    try {
      await lock?.run(world.servers.dialect(server).unlockWrites(), { deadlineMs: 5_000, signal: world.signal });
    } catch (error) {
      // Nobody is kept from following by that: the lock goes with its connection.
      const text = `the write lock was given back with its connection: ${describeError(error)}`;
      world.events.emit({ kind: 'note', level: 'warning', text, server });
    } finally {
      lock?.close();
    }
  },
  show: ({ server }, { servers }) => shown(servers.dialect(server).unlockWrites()),
};
