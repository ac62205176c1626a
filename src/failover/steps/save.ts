import {
  compareCoordinates,
  type Coordinates,
  earliest,
  formatCoordinates,
  isBefore,
  latest,
} from '../../model/coordinates.js';
import { describeError, Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { SavedRange, TailRequest } from '../../ports/recovery.js';
import type { Hand, World } from '../hand.js';
import { relayFilesOf } from '../relay-files.js';

function binlogBase({ source }: World): string {
  if (source.binlogBase === undefined) throw new Fault('TARGET_UNKNOWN', {});
  return source.binlogBase;
}

/** A replica's own place; where it is not known, the start of the file from which on its GTIDs let it be served. */
async function startFor(replica: ServerId | undefined, host: ServerId, world: World): Promise<Coordinates> {
  const { facts, recovery, signal } = world;
  const own = replica === undefined ? undefined : facts.executed.get(replica);
  if (own !== undefined) return own;
  const held = replica === undefined ? undefined : facts.heldGtids.get(replica);
  if (replica === undefined || held === undefined) throw new Fault('TARGET_UNKNOWN', {});
  const family = facts.former.get(replica)?.state.version.vendor ?? 'mysql';
  const place = await recovery.findStart({ host, binlogBase: binlogBase(world), family, held }, signal);
  if (place === undefined) throw new Fault('TAIL_STARTS_LATE', { server: host, replica, held });
  return place;
}

/** Resolves when the fetch has proven something, so that serving can begin while it goes on. */
function firstGrowth({ recovery }: World): Promise<void> {
  return new Promise((resolve) => {
    recovery.onProgress((progress) => {
      if (progress.kind === 'fetched') resolve();
    });
  });
}

/**
 * A source that we cannot stop ourselves and whose disk can be read: a power-off would take away what only that disk holds.
 * Who will be chosen is not known yet, so it begins with what the last of all replicas needs.
 */
export const saveEarlyTail: Hand<'save-early-tail'> = {
  title: ({ server }) => `${server}: fetch its binary log before its power may be cut`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server }, world) {
    const places = [...world.facts.former.values()].flatMap(({ channel }) => channel.executed ?? []);
    const from = earliest(places);
    if (from === undefined) throw new Fault('TARGET_UNKNOWN', {});
    const limitBytes = world.settings.laggardFetchLimitBytes;
    const range = await world.recovery.saveTail(
      { host: server, binlogBase: binlogBase(world), from, limitBytes },
      world.signal,
    );
    world.facts.earlyTail = range;
    world.progress(describeRange(range));
    refuseIfIncomplete(range, world);
  },
  show: () => [],
};

/** Phase 1. Begins with what the chosen one needs; ends as soon as there is something to serve. */
export const saveTail: Hand<'save-tail'> = {
  title: ({ server }) => `${server}: fetch its binary log over SSH`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server }, world) {
    const { earlyTail, sshReachable } = world.facts;
    if (earlyTail !== undefined && !sshReachable) {
      world.facts.tail = Promise.resolve(earlyTail);
      world.facts.servedFrom = earlyTail.from;
      world.progress('it was fetched before its power was cut');
      return;
    }
    const from = await startFor(world.facts.chosen, server, world);
    const growing = firstGrowth(world);
    const tail = world.recovery.saveTail({ host: server, binlogBase: binlogBase(world), from }, world.signal);
    world.facts.tail = tail;
    world.facts.servedFrom = from;
    // `complete-tail` reads the outcome; until then a rejection must not count as unhandled.
    tail.catch(() => undefined);
    await Promise.race([tail, growing]);
  },
  show: ({ server }, { source, facts }) => {
    const own = facts.chosen === undefined ? undefined : facts.former.get(facts.chosen)?.channel.executed;
    const from = own === undefined ? 'the executed position of the new source' : formatCoordinates(own);
    return [`read ${source.binlogBase ?? 'the binary logs'}.* on ${server} over SSH from ${from} on`];
  },
};

/** Waits for the end of the fetch and sets the target that every replica must reach. */
export const completeTail: Hand<'complete-tail'> = {
  title: ({ server }) => `${server}: save its binary log to the end`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server }, world) {
    const { facts } = world;
    if (facts.tail === undefined) throw new Fault('TARGET_UNKNOWN', {});
    const range = await facts.tail;
    facts.saved.push({ from: server, kind: 'tail', range });
    world.progress(describeRange(range));
    refuseIfIncomplete(range, world);
    facts.target = joined(range.to, world);
    facts.servedTo = facts.target;
  },
  show: () => [],
};

function describeRange(range: SavedRange): string {
  const end = `${String(range.bytes)} bytes, ${String(range.transactions)} transactions, up to ${formatCoordinates(range.to)}`;
  return range.defect === undefined ? end : `${end}; then ${range.defect.text}`;
}

/** A transaction that was cut by the crash was never acknowledged; everything else behind a defect may have been. */
function refuseIfIncomplete({ defect }: SavedRange, { settings }: World): void {
  if (defect === undefined || defect.kind === 'torn' || !settings.requireCompleteRescue) return;
  throw new Fault('RESCUE_INCOMPLETE', { defect: defect.text });
}

/** The end of the saved binlog, or of the relay log that continues it. */
function joined(end: Coordinates, { facts }: World): Coordinates {
  const relay = facts.saved.findLast((saved) => saved.kind === 'relay')?.range;
  const continued = relay !== undefined && !isBefore(end, relay.from) && isBefore(end, relay.to);
  const target = continued ? relay.to : end;
  const newest = facts.newest === undefined ? undefined : facts.executed.get(facts.newest);
  if (newest === undefined || facts.newest === undefined || !isBefore(target, newest)) return target;
  // The chosen one itself being ahead of the disk is no problem: it has everything the disk has, and more.
  if (facts.newest === facts.chosen) return newest;
  throw new Fault('TAIL_ENDS_EARLY', {
    end: formatCoordinates(target),
    server: facts.newest,
    at: formatCoordinates(newest),
  });
}

function relayPlace(world: World, server: ServerId): { relayLogBase: string; relayLogIndex: string; dataDir: string } {
  const former = world.facts.former.get(server);
  const { aside } = world.facts;
  const files = aside?.server === server ? aside : former && relayFilesOf(former);
  if (files === undefined || former === undefined) throw new Fault('RELAY_LOG_UNKNOWN', { server });
  return { relayLogBase: files.base, relayLogIndex: files.index, dataDir: former.state.dataDir };
}

async function copyRelay(world: World, server: ServerId, from: Coordinates | undefined): Promise<SavedRange> {
  const former = world.facts.former.get(server);
  const received = former?.channel.received;
  const replicaServerId = former?.state.serverId ?? 0;
  const place = { ...relayPlace(world, server), ...(received === undefined ? {} : { received }) };
  const range = await world.recovery.saveRelay(
    { host: server, ...place, replicaServerId, ...(from === undefined ? {} : { from }) },
    world.signal,
  );
  world.facts.saved.push({ from: server, kind: 'relay', range });
  world.progress(describeRange(range));
  return range;
}

/** Phase 3: what only the newest replica still holds, copied before anything there may remove it. */
export const saveRelay: Hand<'save-relay'> = {
  title: ({ server }) => `${server}: copy its relay log`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server, from }, world) {
    const range = await copyRelay(world, server, from);
    const known = world.facts.target;
    if (known === undefined || isBefore(known, range.to)) world.facts.target = range.to;
    world.facts.servedTo = latest([range.to, ...(known === undefined ? [] : [known])]) ?? range.to;
    if (world.facts.servedFrom === undefined || isBefore(range.from, world.facts.servedFrom))
      world.facts.servedFrom = range.from;
  },
  show: ({ server, from }, { facts }) => {
    const former = facts.former.get(server);
    const index = (former && relayFilesOf(former)?.index) ?? 'its relay log index';
    const start = from === undefined ? '' : ` from ${formatCoordinates(from)} on`;
    return [`read the relay logs of ${server} (${index}) over SSH${start}`];
  },
};

/**
 * What only a laggard needs. It follows the promotion and is bounded. Where the dead disk is unfit in that range, the relay log
 * that was set aside on the newest replica's host takes its place.
 */
export const saveLaggardRange: Hand<'save-laggard-range'> = {
  title: ({ server, member }) => `${server}: fetch what only ${member.server} misses`,
  deadlineMs: Number.POSITIVE_INFINITY,
  already({ member, from }, { facts }) {
    const own = from ?? facts.executed.get(member.server);
    const held = facts.servedFrom;
    return Promise.resolve(own !== undefined && held !== undefined && compareCoordinates(own, held) >= 0);
  },
  async perform({ server, member, from: known }, world) {
    const { facts } = world;
    const from = known ?? (await startFor(member.server, server, world));
    const until = facts.servedFrom;
    if (until === undefined) throw new Fault('TARGET_UNKNOWN', {});
    if (!isBefore(from, until)) return;
    const limitBytes = world.settings.laggardFetchLimitBytes;
    await fetchRange({ host: server, binlogBase: binlogBase(world), from, until, limitBytes }, until, world);
    facts.servedFrom = earliest([from, facts.servedFrom ?? from]) ?? from;
  },
  show: () => [],
};

async function fetchRange(request: TailRequest, until: Coordinates, world: World): Promise<void> {
  let trouble: string;
  try {
    const range = await world.recovery.saveTail(request, world.signal);
    world.facts.saved.push({ from: request.host, kind: 'laggard', range });
    if (!isBefore(range.to, until)) return;
    trouble = range.defect?.text ?? `it ends at ${formatCoordinates(range.to)}`;
  } catch (error) {
    if (world.facts.aside === undefined || world.signal.aborted) throw error;
    trouble = describeError(error);
  }
  const aside = world.facts.aside;
  const ends = { end: formatCoordinates(request.from), server: request.host, at: formatCoordinates(until) };
  if (aside === undefined) throw new Fault('TAIL_ENDS_EARLY', ends);
  world.progress(`${trouble}; taking the relay log of ${aside.server} instead`);
  const relay = await copyRelay(world, aside.server, request.from);
  if (isBefore(request.from, relay.from) || isBefore(relay.to, until)) throw new Fault('TAIL_ENDS_EARLY', ends);
}
