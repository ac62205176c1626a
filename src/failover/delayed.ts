import type { ServerState } from '../model/picture.js';
import type { Level } from './holding.js';

/**
 * A replica that applies late on purpose. It is never waited for: nobody drains through the delay, and what it has yet to
 * apply stays where it is.
 */
export function isDelayed({ channel }: Pick<Level, 'channel'>): boolean {
  return channel.delaySeconds > 0;
}

/**
 * MySQL from 5.7 on points a receiver elsewhere while the applier goes on with the relay log. The others drop their relay log
 * with any CHANGE, so that what a delayed one holds would have to be given again from what it has executed.
 */
export function movesReceiverAlone({ version }: ServerState): boolean {
  return version.vendor === 'mysql' && (version.major > 5 || (version.major === 5 && version.minor >= 7));
}
