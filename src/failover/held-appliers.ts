import type { ServerId } from '../model/settings.js';
import type { Level } from './holding.js';
import { markOf } from './steps/applier.js';

/** MySQL's and MariaDB's words for an applier in front of FLUSH TABLES WITH READ LOCK, BACKUP STAGE, LOCK TABLES or somebody's DDL. */
const waitsForLock = /^Waiting for .*\block$/;

/**
 * Pure: whose applier waited for a lock when the run began, and still does at the same place, with its own words. A backup may
 * hold it for an hour; a lock of a moment is not seen twice. Of MariaDB's parallel appliers the status shows the coordinator only.
 */
export function heldAppliers(
  before: ReadonlyMap<ServerId, Pick<Level, 'channel'>>,
  now: readonly Level[],
): ReadonlyMap<ServerId, string> {
  const held = new Map<ServerId, string>();
  for (const { server, channel } of now) {
    const then = before.get(server)?.channel;
    const waits = waitsForLock.test(channel.applierState) && then?.applierState === channel.applierState;
    if (waits && markOf(then) === markOf(channel)) held.set(server, channel.applierState);
  }
  return held;
}
