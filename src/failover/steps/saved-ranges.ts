import { type Coordinates, formatCoordinates } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { FetchedRange, SavedRange, SourceLog } from '../../ports/recovery.js';
import type { World } from '../hand.js';

/** A replica's own place; where it is not known, the start of the file from which on its GTIDs let it be served. */
export async function startFor(
  replica: ServerId | undefined,
  logs: readonly SourceLog[],
  world: World,
): Promise<Coordinates> {
  const { facts, recovery, source, signal } = world;
  const own = replica === undefined ? undefined : facts.executed.get(replica);
  if (own !== undefined) return own;
  const held = replica === undefined ? undefined : facts.heldGtids.get(replica);
  if (replica === undefined || held === undefined) throw new Fault('TARGET_UNKNOWN', {});
  const family = facts.former.get(replica)?.state.version.vendor ?? 'mysql';
  const place = await recovery.findStart({ logs, family, held }, signal);
  if (place === undefined) throw new Fault('TAIL_STARTS_LATE', { server: source.id, replica, held });
  return place;
}

/** Notes what was fetched from the source's disk or a copy of it. */
export function keep(kind: 'tail' | 'laggard', ranges: readonly FetchedRange[], { facts, progress }: World): void {
  for (const { host, copy, ...range } of ranges) {
    facts.saved.push({ from: host, kind, ...(copy === undefined ? {} : { copy }), range });
    progress(`${copy === undefined ? '' : `${copy}: `}${describeRange(range)}`);
  }
}

export function describeRange(range: SavedRange): string {
  const end = `${String(range.bytes)} bytes, ${String(range.transactions)} transactions, up to ${formatCoordinates(range.to)}`;
  return range.defect === undefined ? end : `${end}; then ${range.defect.text}`;
}
