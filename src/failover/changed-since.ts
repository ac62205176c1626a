import { Fault } from '../model/fault.js';
import { type Channel, type Picture, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Servers } from '../ports/servers.js';
import type { Member } from './plan.js';

export interface Decided {
  /** What was seen when it was decided what to do. */
  readonly before: Picture;
  readonly members: readonly Member[];
  /** The source of a planned switch; a dead one has nothing to say. */
  readonly source?: ServerId;
}

const lookMs = 1_000;

/**
 * To be called once the locks are held: until then another manager, or somebody at a question for minutes, may have been
 * faster. Acting on the old picture would close the source of today, or open the one of yesterday beside it. Who gives no
 * answer now is left to the steps. Throws CLUSTER_CHANGED.
 */
export async function mindChanges(decided: Decided, servers: Pick<Servers, 'observe'>): Promise<void> {
  const { members, source } = decided;
  const ids = [...members.map(({ server }) => server), ...(source === undefined ? [] : [source])];
  const how = changedSince(decided, await servers.observe(lookMs, ids));
  if (how !== undefined) throw new Fault('CLUSTER_CHANGED', { how });
}

/** In what the cluster is another one than it was, as far as a plan stands on it. Pure. */
export function changedSince({ before, members, source }: Decided, now: Picture): string | undefined {
  for (const { server, channel } of members) {
    const [had, has] = [stateOf(before, server), stateOf(now, server)];
    const old = had?.channels.find(({ name }) => name === channel);
    if (had === undefined || has === undefined || old === undefined) continue;
    const led = has.channels.find(({ name }) => name === channel);
    if (led === undefined || led.sourceHost === '') return `${server} follows nobody any more`;
    if (placeOf(led) !== placeOf(old)) return `${server} follows ${placeOf(led)} now, and no longer ${placeOf(old)}`;
    if (had.readOnly && !has.readOnly) return `${server} was opened for writes`;
  }
  return source === undefined ? undefined : changeOfSource(source, before, now);
}

function changeOfSource(source: ServerId, before: Picture, now: Picture): string | undefined {
  const [had, has] = [stateOf(before, source), stateOf(now, source)];
  if (had === undefined || has === undefined) return undefined;
  if (had.readOnly !== has.readOnly)
    return `${source} ${has.readOnly ? 'takes no writes any more' : 'takes writes now'}`;
  const known = new Set(had.channels.map(placeOf));
  const led = has.channels.map(placeOf).find((place) => !known.has(place));
  return led === undefined ? undefined : `${source} follows ${led} now`;
}

function placeOf({ sourceHost, sourcePort }: Channel): string {
  return `${sourceHost}:${String(sourcePort)}`;
}
