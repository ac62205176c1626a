import { compareCoordinates } from '../../model/coordinates.js';
import { isFault } from '../../model/fault.js';
import type { Channel } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { World } from '../hand.js';
import { answerOf } from './sql.js';

/** The applier's own words when nothing is left in the relay log; MariaDB 10.x and MySQL differ only in the subject. */
export const usedUp = /has read all relay log/i;

/** Where nobody tells what the parallel appliers do. */
const unknownMs = 5_000;
/** A worker that was just given its work may still show that it waits. */
const settleMs = 50;
const askMs = 10_000;

/**
 * Says, look by look, whether an applier has executed all there is: everything received, or all but a transaction that was
 * cut. The coordinator of parallel appliers has read the relay log long before they are done. On MySQL what they have
 * executed may have gaps until then, and the position shown is the end of what has none; it follows at each
 * checkpoint only. A receiver shown before the applier tells nothing of what is in the relay log: by GTID it begins again at
 * the head of a file each time that it is connected, and after a crash it stands where master_info was last synced
 * (sync_source_info: each 10000 events).
 */
export function restWatch(server: ServerId, world: World): (channel: Channel) => Promise<boolean> {
  const state = world.facts.former.get(server)?.state;
  const isParallel = (state?.parallelThreads ?? 0) > 0 || world.facts.raised.has(server);
  const stillMs = settleMs + (state?.checkpointMs ?? 0);
  let still: { readonly at: string; readonly since: number } | undefined;
  return async (channel) => {
    const { received, executed } = channel;
    if (received !== undefined && executed !== undefined && compareCoordinates(executed, received) === 0) return true;
    const hasRead = channel.applier === 'running' && usedUp.test(channel.applierState);
    if (!isParallel || !hasRead) return hasRead;
    const busy = await busyAppliers(server, world);
    const at = `${executed?.file ?? ''}:${String(executed?.position ?? 0)}`;
    if (busy !== undefined && busy > 0) still = undefined;
    else if (still?.at !== at) still = { at, since: world.clock.now() };
    return still !== undefined && world.clock.now() - still.since >= (busy === undefined ? unknownMs : stillMs);
  };
}

/** Undefined where we are not allowed to look. */
async function busyAppliers(server: ServerId, world: World): Promise<number | undefined> {
  try {
    return await answerOf(world, server, world.servers.dialect(server).busyAppliers(), askMs);
  } catch (error) {
    if (isFault(error, 'SQL_FAILED')) return undefined;
    throw error;
  }
}
