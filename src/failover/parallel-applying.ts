import { type Coordinates, isBefore } from '../model/coordinates.js';
import type { ServerState } from '../model/picture.js';
import type { Contender } from './election.js';
import type { Former } from './hand.js';
import { type RecoveryInput, routeOf, type Sources } from './recovery-sources.js';
import { type DeadLog, reachOf } from './source-logs.js';

/**
 * What a replica that applies one transaction after another is told for a long tail. `conservative`: at the same time are
 * applied only those that the source itself committed together, so none of them can have waited for another; they are
 * committed in the source's order, and a stop or an error leaves no gap.
 */
export const raised = { threads: 8, mode: 'conservative' } as const;

/** Less is applied before anybody notices: nothing is changed for it. */
const worthBytes = 8 * 2 ** 20;

/**
 * MariaDB, where nobody chose otherwise: MySQL's parallel appliers leave gaps, or wait for the rest of a transaction that was
 * cut. The number of threads is one for all connections of a server, and all of them have to stand still for it.
 */
export function mayBeRaised({ state, channel }: { state: ServerState; channel: Former['channel'] }): boolean {
  return (
    state.parallelThreads === 0 &&
    state.channels.length === 1 &&
    channel.name === '' &&
    // It is said again afterwards, in the server's own word.
    (channel.parallelMode ?? '') !== ''
  );
}

/** Whether this replica's part of the tail is applied by several threads. */
export function isRaised(input: RecoveryInput, sources: Sources, contender: Contender): boolean {
  const served = sources.tail && routeOf(input, sources, contender) === 'served';
  return served && mayBeRaised(contender) && isLongWay(contender, input.log);
}

/** Whether so much is missing that it is worth it. In another file it may be any amount: its length is not known here. */
function isLongWay({ channel }: Pick<Contender, 'channel'>, log: DeadLog): boolean {
  const reach = reachOf(log);
  if (reach === undefined || channel.executed === undefined) return false;
  return distance(channel.executed, reach) >= worthBytes;
}

function distance(from: Coordinates, to: Coordinates): number {
  if (!isBefore(from, to)) return 0;
  return from.file === to.file ? to.position - from.position : Number.POSITIVE_INFINITY;
}
