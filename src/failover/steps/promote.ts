import { compareCoordinates, formatCoordinates, latest } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { ServerState } from '../../model/picture.js';
import { type ServerId, settingsOf } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Dialect } from '../../ports/servers.js';
import type { Hand, World } from '../hand.js';
import { channelOf, run, shown } from './sql.js';

/** Where the others will go on: recorded while the new source is closed, level and applies nothing. */
export const recordPosition: Hand<'record-position'> = {
  title: ({ server }) => `${server}: record its own position`,
  onlyLooks: true,
  deadlineMs: 10_000,
  async perform({ server }, world) {
    const options = { deadlineMs: 5_000, signal: world.signal };
    const end = await world.servers.binlogEnd(server, options);
    if (end === undefined) throw new Fault('POSITION_UNKNOWN', { server });
    world.facts.recorded = end;
    world.progress(formatCoordinates(end.at));
  },
  show: ({ server }) => [`record the end of the binary log of ${server}`],
};

/**
 * A planned switch: the old source is still locked and nothing was written since. Asked on the lock's own connection right
 * before the point of no return: a site's script may have taken its time since the lock was had.
 */
async function sourceStandsStill({ facts, source, signal }: World): Promise<void> {
  const { lock, sourceEnd } = facts;
  if (sourceEnd === undefined) return;
  const now = await lock?.binlogEnd({ deadlineMs: 5_000, signal });
  if (now === undefined) throw new Fault('POSITION_UNKNOWN', { server: source.id });
  if (compareCoordinates(sourceEnd.at, now.at) === 0) return;
  const [first, second] = [formatCoordinates(sourceEnd.at), formatCoordinates(now.at)];
  throw new Fault('WRITES_NOT_STOPPED', { server: source.id, first, second });
}

/** The last look before the point of no return: nobody answers there, and its disk is as it was when its tail was saved. */
export const lookAgain: Hand<'look-again'> = {
  title: ({ server }) => `${server}: look again that it is down`,
  deadlineMs: 15_000,
  async perform({ server }, world) {
    const look = await world.fence.look(world.signal);
    if (look.port === 'open') throw new Fault('SOURCE_RETURNED', { server, sign: 'its port accepts connections' });
    if (look.process === 'running') throw new Fault('SOURCE_RETURNED', { server, sign: 'its process runs' });
    const before = world.facts.diskEnd;
    const now = look.newestBinlog;
    if (world.facts.tail === undefined || before === undefined || now === undefined) return;
    if (compareCoordinates(before, now) !== 0) {
      throw new Fault('TAIL_GREW', { server, before: formatCoordinates(before), now: formatCoordinates(now) });
    }
  },
  show: ({ server }) => [`check that the port of ${server} is refused and that its newest binary log has not changed`],
};

/**
 * Every replica is closed until the one that is chosen is level: rows written earlier would collide with rescued ones. It stays
 * closed afterwards: one writable server is what the run leaves behind.
 */
export const closeForWrites: Hand<'close-for-writes'> = {
  title: ({ server }) => `${server}: keep writes out`,
  deadlineMs: 15_000,
  already: ({ server }, { facts }) => {
    const state = facts.former.get(server)?.state;
    return Promise.resolve(state?.readOnly === true && state.superReadOnly !== false);
  },
  perform: ({ server }, world) => run(world, server, world.servers.dialect(server).readOnly(true)),
  async undo({ server }, world) {
    const state = world.facts.former.get(server)?.state;
    if (state !== undefined) await run(world, server, asClosedAsBefore(state, world.servers.dialect(server)));
  },
  show: ({ server }, { servers }) => shown(servers.dialect(server).readOnly(true)),
};

/** A server that was open, or that was closed for ordinary accounts only, is so again. */
export function asClosedAsBefore(state: ServerState, dialect: Dialect): readonly Statement[] {
  if (!state.readOnly) return dialect.readOnly(false);
  return state.superReadOnly === false ? dialect.superReadOnly(false) : [];
}

/** The point of no return. */
export const openForWrites: Hand<'open-for-writes'> = {
  title: ({ server }) => `${server}: open for writes`,
  deadlineMs: 10_000,
  remember: ({ server }, { facts, source }) => {
    const { recorded } = facts;
    if (recorded === undefined) return undefined;
    const level = latest([facts.target, facts.executed.get(server)].filter((place) => place !== undefined));
    const who = level === undefined ? 'who is level' : `who has executed ${formatCoordinates(level)} of ${source.id}`;
    const gtid = recorded.gtid === '' ? '' : `, GTID ${recorded.gtid}`;
    return `${who} goes on from ${formatCoordinates(recorded.at)} of ${server}${gtid}`;
  },
  async perform({ server, stayClosed }, world) {
    const { facts, clock } = world;
    // Whatever is left has a deadline of its own; raised behind the opening, the limit would end the whole run.
    world.writeBlock?.end();
    await sourceStandsStill(world);
    if (facts.recorded === undefined) throw new Fault('POSITION_UNKNOWN', { server });
    if (stayClosed !== true) await run(world, server, world.servers.dialect(server).readOnly(false));
    facts.opened = { server, at: facts.recorded.at, gtid: facts.recorded.gtid, wall: clock.wall() };
  },
  verify: ({ server, stayClosed }, world) => (stayClosed === true ? Promise.resolve() : verifyOpen(server, world)),
  async undo({ server }, world) {
    await closeAgain(server, world);
    delete world.facts.opened;
  },
  show: ({ server, stayClosed }, { servers }) =>
    stayClosed === true ? [`leave ${server} read-only`] : shown(servers.dialect(server).readOnly(false)),
};

/** Whoever opened it: our own statement, or the site's script before that. */
export async function closeAgain(server: ServerId, world: World): Promise<void> {
  if (await takesNoWrites(server, world)) return;
  const dialect = world.servers.dialect(server);
  const state = world.facts.former.get(server)?.state;
  const before = state?.readOnly === true ? asClosedAsBefore(state, dialect) : [];
  await run(world, server, [...dialect.readOnly(true), ...before]);
}

/** It refused to be opened, or nobody listens there: when it starts again it is what its option file says, as ever. */
async function takesNoWrites(server: ServerId, { servers }: World): Promise<boolean> {
  const reach = await servers.reach(server, 5_000);
  return reach.kind === 'port-refused' || (reach.kind === 'answered' && reach.state.readOnly);
}

/**
 * It has answered that it is open. One that all clients come to at this moment may have no time for us: giving up now would leave
 * every replica behind. The last look of the run tells whether it is gone.
 */
async function verifyOpen(server: ServerId, { servers }: World): Promise<void> {
  const reach = await servers.reach(server, 5_000);
  if (reach.kind === 'answered' && reach.state.readOnly) throw new Fault('STILL_READ_ONLY', { server });
}

/** Only now is its relay log needed by nobody: what it held is executed here and everywhere else. */
export const forgetSource: Hand<'forget-source'> = {
  title: ({ server }) => `${server}: forget the old source`,
  deadlineMs: 90_000,
  async already({ server, channel }, world) {
    if (settingsOf(world.settings, server).skipResetSlave) return true;
    return (await channelOf(world, server, channel)) === undefined;
  },
  perform: async ({ server, channel }, world) =>
    run(world, server, world.servers.dialect(server).forgetSource(channel)),
  async verify({ server, channel }, world) {
    const seen = await channelOf(world, server, channel);
    if (seen !== undefined && seen.sourceHost !== '')
      throw new Fault('REPLICATION_NOT_STOPPED', { server, receiver: seen.receiver, applier: seen.applier });
  },
  show: ({ server, channel }, { servers }) => shown(servers.dialect(server).forgetSource(channel)),
};
