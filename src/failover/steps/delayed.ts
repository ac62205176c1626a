import { compareCoordinates, formatCoordinates } from '../../model/coordinates.js';
import { describeError, Fault } from '../../model/fault.js';
import { startsBehind, parseMariadbGtids } from '../../model/gtid-mariadb.js';
import { formatHistory, isEmptyHistory, lackingIn, parseHistory } from '../../model/history.js';
import type { Channel } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Former, Hand, World } from '../hand.js';
import { heldBy, historyToReach, receivedBy } from './held-gtids.js';
import { targetOf } from './reach-target.js';
import { towards, untilFollowing } from './repoint.js';
import { channelOf, run, shown } from './sql.js';
import { untilDone } from './stall.js';

/** What it has yet to receive, in words; undefined when nothing. */
async function lacking(server: ServerId, seen: Channel, world: World): Promise<string | undefined> {
  if (seen.received !== undefined) {
    const target = targetOf(world);
    return compareCoordinates(seen.received, target) >= 0 ? undefined : formatCoordinates(target);
  }
  const wanted = await historyToReach(server, world);
  const received = await receivedBy(server, world);
  const rest = received === undefined ? wanted : lackingIn(received, wanted);
  return isEmptyHistory(rest) ? undefined : formatHistory(rest);
}

/** Waits for the receiver alone: what is in the relay log is applied when its time has come. */
export const receiveTarget: Hand<'receive-target'> = {
  title: ({ server }) => `${server}: receive up to the target`,
  deadlineMs: Number.POSITIVE_INFINITY,
  onlyLooks: true,
  async perform({ server, channel: name }, world) {
    const { listening, sourceEnd } = world.facts;
    const stallMs = world.settings.applierStallSeconds * 1000;
    let target = '';
    const end = await untilDone(world.clock, stallMs, world.signal, async () => {
      const seen = await channelOf(world, server, name);
      if (seen === undefined) throw new Fault('CHANNEL_GONE', { server });
      const missing = await lacking(server, seen, world);
      if (missing === undefined) return { done: true };
      target = missing;
      const at = seen.received === undefined ? seen.receivedGtid : formatCoordinates(seen.received);
      if (!listening.has(server) && sourceEnd === undefined)
        throw new Fault('TARGET_BEYOND_RESCUE', { server, target: missing, end: at });
      const { number, text } = seen.receiverError;
      if (seen.receiver === 'stopped' && number !== 0)
        throw new Fault('RECEIVER_FAILED', { server, errno: number, message: text });
      return { done: false, mark: `${at} ${String(seen.relayLogSpace)}` };
    });
    if (!end.stalled) return;
    throw new Fault('TARGET_NOT_REACHED', {
      server,
      target,
      at: end.mark,
      seconds: world.settings.applierStallSeconds,
    });
  },
  show: ({ server }) => [`wait on ${server} until the end of the saved binlog is received`],
};

function moving(
  former: Former,
  to: ServerId,
  world: Pick<World, 'servers' | 'facts' | 'settings'>,
): readonly Statement[] {
  const { server, channel } = former;
  const dialect = world.servers.dialect(server);
  const at = world.facts.opened?.at ?? { file: '(recorded file)', position: 4 };
  const { mode } = channel;
  // Another mode would want the applier stopped, whatever the file asks for.
  const from = mode === 'coordinates' ? ({ by: mode, at } as const) : { by: mode };
  const change = { ...towards(to, at, former, world), from, modeNow: mode };
  return [...dialect.stopReceiver(channel.name), ...dialect.pointTo(change), ...dialect.startReceiver(channel.name)];
}

/** Phase 6 for a delayed replica whose receiver can be moved while the applier goes on as late as before. */
export const moveReceiver: Hand<'move-receiver'> = {
  title: ({ server, to }) => `${server}: receive from ${to}, apply as late as before`,
  deadlineMs: 120_000,
  async perform({ server, to }, world) {
    const former = world.facts.former.get(server);
    if (former === undefined || world.facts.opened === undefined) throw new Fault('POSITION_UNKNOWN', { server: to });
    await run(world, server, moving(former, to, world));
  },
  verify: ({ server, channel, to }, world) => untilFollowing(server, channel, to, world),
  show: ({ server, to }, sight) => {
    const former = sight.facts.former.get(server);
    return former === undefined ? [] : shown(moving(former, to, sight));
  },
};

/**
 * Phase 6 for a delayed replica that would lose its relay log: by GTID it goes on at what it has executed, if the new
 * source still has all that comes behind it. Otherwise it is left as it is, its relay log whole.
 */
export const repointDelayed: Hand<'repoint-delayed'> = {
  title: ({ server, to }) => `${server}: follow ${to}, apply as late as before`,
  deadlineMs: 120_000,
  async perform({ server, channel, to }, world) {
    const former = world.facts.former.get(server);
    if (former === undefined || world.facts.opened === undefined) throw new Fault('POSITION_UNKNOWN', { server: to });
    const why = await whyNot(former, to, world);
    if (why !== undefined) throw await leftAlone(former, to, why, world);
    const dialect = world.servers.dialect(server);
    const { mode } = former.channel;
    // By coordinates, whatever the file asks for, it would begin at the place of the opening: past all that it has yet to apply.
    const from = mode === 'coordinates' ? {} : { from: { by: mode } };
    await run(world, server, [
      ...dialect.stopReplication(channel),
      ...dialect.pointTo({ ...towards(to, world.facts.opened.at, former, world), ...from }),
      ...dialect.startReplication(channel),
    ]);
  },
  verify: ({ server, channel, to }, world) => untilFollowing(server, channel, to, world),
  show: ({ server, to }, { facts }) => {
    const mode = facts.former.get(server)?.channel.mode;
    return mode === 'coordinates'
      ? [`leave ${server} as it is: its relay log would be lost`]
      : [`point ${server} to ${to} by GTID, if the binary log of ${to} reaches back to what it has executed`];
  },
};

const askMs = 10_000;

/** Why it cannot go on at what it has executed; undefined when it can. */
async function whyNot({ server, channel }: Former, to: ServerId, world: World): Promise<string | undefined> {
  if (channel.mode === 'coordinates') return 'it replicates by coordinates';
  const state = world.facts.former.get(to)?.state;
  if (state?.logReplicaUpdates !== true) return `${to} does not write replicated events into its binary log`;
  const held = await heldBy(server, world);
  let past: string | undefined;
  try {
    past = await world.servers.binlogBeginning(to, { deadlineMs: askMs, signal: world.signal });
  } catch (error) {
    return `${to} does not say how far back its binary log reaches: ${describeError(error)}`;
  }
  const { vendor } = state.version;
  const [own, before] = [held, past].map((text) => (text === undefined ? undefined : parseHistory(vendor, text)));
  if (own === undefined || before === undefined || past === undefined)
    return `${to} does not say how far back it reaches`;
  const reaches =
    own.family === 'mariadb'
      ? startsBehind(own.position, parseMariadbGtids(past) ?? [])
      : isEmptyHistory(lackingIn(own, before));
  return reaches ? undefined : `the binary log of ${to} does not reach back to ${formatHistory(own)}`;
}

async function leftAlone({ server, channel }: Former, to: ServerId, why: string, world: World): Promise<Fault> {
  const now = await channelOf(world, server, channel.name);
  const { opened, target } = world.facts;
  const place = (at: Channel['received']): string => (at === undefined ? 'an unknown place' : formatCoordinates(at));
  return new Fault('DELAYED_LEFT', {
    server,
    why,
    received: place(now?.received ?? channel.received),
    executed: place(now?.executed ?? channel.executed),
    source: world.source.id,
    target: place(target),
    newSource: to,
    opened: place(opened?.at),
  });
}
