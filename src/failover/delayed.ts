import type { Channel, ServerState } from '../model/picture.js';
import type { Level } from './holding.js';

/**
 * A replica that applies late on purpose. It is never waited for: nobody drains through the delay, and what it has yet to
 * apply stays where it is.
 */
export function isDelayed({ channel }: Pick<Level, 'channel'>): boolean {
  return channel.delaySeconds > 0;
}

/**
 * MySQL from 5.7 on points a receiver elsewhere while the applier goes on with the relay log, unless the channel fails over
 * by itself: SOURCE_CONNECTION_AUTO_FAILOVER changes with both stopped only (3081, seen on 9.7). The others drop their relay
 * log with any CHANGE, so that what a delayed one holds would have to be given again from what it has executed.
 */
export function movesReceiverAlone({
  state,
  channel,
}: {
  readonly state: Pick<ServerState, 'version'>;
  readonly channel: Pick<Channel, 'receiverOptions'>;
}): boolean {
  const { vendor, major, minor } = state.version;
  if (vendor !== 'mysql' || major < 5 || (major === 5 && minor < 7)) return false;
  return channel.receiverOptions?.autoFailover !== true;
}
