import { type Coordinates, earliest, formatCoordinates, isBefore, latest } from '../../model/coordinates.js';
import { describeError, Fault } from '../../model/fault.js';
import type { FetchedRange, SourceLog } from '../../ports/recovery.js';
import type { Hand, World } from '../hand.js';
import { describeRange, keep, startFor } from './saved-ranges.js';

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
    const { binlogBase } = world.source;
    if (binlogBase === undefined) throw new Fault('TARGET_UNKNOWN', {});
    const limitBytes = world.settings.laggardFetchLimitBytes;
    const log = { host: server, binlogBase, end: from };
    const [range] = await world.recovery.saveTail({ logs: [log], from, limitBytes }, world.signal);
    if (range === undefined) throw new Fault('TARGET_UNKNOWN', {});
    world.facts.earlyTail = range;
    world.progress(describeRange(range));
    refuseIfIncomplete([range], world);
  },
  show: () => [],
};

/** Phase 1. Begins with what the chosen one needs; ends as soon as there is something to serve. */
export const saveTail: Hand<'save-tail'> = {
  title: ({ server, logs: [first] }) =>
    first?.copy === undefined
      ? `${server}: fetch its binary log over SSH`
      : `${server}: fetch the copy of its binary log from ${first.copy}`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ logs }, world) {
    const { earlyTail, sshReachable } = world.facts;
    const early = sshReachable ? undefined : earlyTail;
    if (early !== undefined) world.progress('it was fetched before its power was cut');
    const from = early?.from ?? (await startFor(world.facts.chosen, logs, world));
    const growing = early === undefined ? firstGrowth(world) : Promise.resolve();
    const tail = early === undefined ? fetch(logs, from, world) : continued(early, logs, world);
    world.facts.tail = tail;
    world.facts.servedFrom = heldBefore(from, world);
    // `complete-tail` reads the outcome; until then a rejection must not count as unhandled.
    tail.catch(() => undefined);
    await Promise.race([tail, growing]);
  },
  show: ({ logs }, { facts }) => {
    const own = facts.chosen === undefined ? undefined : facts.former.get(facts.chosen)?.channel.executed;
    const from = own === undefined ? 'the executed position of the new source' : formatCoordinates(own);
    return logs.map((log, index) => {
      const on = log.copy === undefined ? log.host : `${log.copy} (its copy, up to ${formatCoordinates(log.end)})`;
      return index === 0
        ? `read ${log.binlogBase}.* on ${on} over SSH from ${from} on`
        : `read behind what that gives ${log.binlogBase}.* on ${on}`;
    });
  },
};

/** A relay log that was copied up to this place or beyond lets serving begin where it begins. */
function heldBefore(from: Coordinates, { facts }: World): Coordinates {
  const joining = facts.saved.filter(({ kind, range }) => kind === 'relay' && !isBefore(range.to, from));
  return earliest([from, ...joining.map(({ range }) => range.from)]) ?? from;
}

/** Where nobody can be asked any more, what was fetched for an earlier candidate is all there is, and it is held. */
async function fetch(
  logs: readonly SourceLog[],
  from: Coordinates,
  { recovery, facts, signal, progress }: World,
): Promise<readonly FetchedRange[]> {
  try {
    return await recovery.saveTail({ logs, from }, signal);
  } catch (error) {
    signal.throwIfAborted();
    const isHeld = facts.saved.some(
      ({ kind, range }) => kind === 'tail' && !isBefore(from, range.from) && !isBefore(range.to, from),
    );
    if (!isHeld) throw error;
    progress(`it was fetched before: ${describeError(error)}`);
    return [];
  }
}

/** Copies may have what the source wrote between that fetch and its end. */
async function continued(
  early: FetchedRange,
  logs: readonly SourceLog[],
  world: World,
): Promise<readonly FetchedRange[]> {
  const further = logs.filter(({ end }) => isBefore(early.to, end));
  return further.length === 0 ? [early] : [early, ...(await fetch(further, early.to, world))];
}

/** Waits for the end of the fetch and sets the target that every replica must reach. */
export const completeTail: Hand<'complete-tail'> = {
  title: ({ server }) => `${server}: save its binary log to the end`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ covers }, world) {
    const { facts } = world;
    if (facts.tail === undefined) throw new Fault('TARGET_UNKNOWN', {});
    const ranges = await facts.tail;
    keep('tail', ranges, world);
    refuseIfIncomplete(ranges, world);
    // A fetch for an earlier candidate may have come further, before the way to that disk was lost: it is held as well.
    const ends = facts.saved.flatMap(({ kind, range }) => (kind === 'tail' ? [range.to] : []));
    const end = latest(ends) ?? facts.servedFrom;
    if (end === undefined) throw new Fault('TARGET_UNKNOWN', {});
    facts.target = joined(end, covers, world);
    facts.servedTo = facts.target;
  },
  show: () => [],
};

/**
 * A transaction that was cut by the crash was never acknowledged; everything else behind a defect may have been. A copy
 * that goes on behind a defect of the disk does not tell whether it has all.
 */
function refuseIfIncomplete(ranges: readonly FetchedRange[], { settings }: World): void {
  const last = ranges.at(-1);
  const defects = ranges.flatMap((range) =>
    range.defect !== undefined && (range === last || range.copy === undefined) ? [range.defect] : [],
  );
  const serious = defects.find(({ kind }) => kind !== 'torn');
  if (serious === undefined || !settings.requireCompleteRescue) return;
  throw new Fault('RESCUE_INCOMPLETE', { defect: serious.text });
}

/** The end of the saved binlog, or of the relay log that continues it. */
function joined(end: Coordinates, covers: Coordinates | undefined, { facts }: World): Coordinates {
  const relay = facts.saved.findLast((saved) => saved.kind === 'relay')?.range;
  const continued = relay !== undefined && !isBefore(end, relay.from) && isBefore(end, relay.to);
  const target = continued ? relay.to : end;
  // Where nobody has waited for the newest one to apply what it has received, all of that must be there.
  const newest = covers ?? (facts.newest === undefined ? undefined : facts.executed.get(facts.newest));
  if (newest === undefined || facts.newest === undefined || !isBefore(target, newest)) return target;
  // The chosen one itself being ahead of the disk is no problem: it has everything the disk has, and more.
  if (facts.newest === facts.chosen) return newest;
  throw new Fault('TAIL_ENDS_EARLY', {
    end: formatCoordinates(target),
    server: facts.newest,
    at: formatCoordinates(newest),
  });
}
