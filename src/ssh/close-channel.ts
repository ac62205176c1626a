import type { Channel } from 'ssh2';

/**
 * Closes a channel from our side: what still comes is dropped, and nothing is said about it any more (RFC 4254, 5.3).
 *
 * ssh2 1.17 goes on granting window to a channel that it has closed, whenever something that was left in it is read.
 * OpenSSH gives the channel's number to the next one as soon as both sides have closed it, and takes a late grant for that
 * one's. It then sends more than ssh2 has counted, and what comes at a count of zero ssh2 drops without a word (client.js,
 * CHANNEL_DATA): the next stream would have a hole. A window that is endless is never granted more.
 */
export function closeChannel(channel: Channel): void {
  if (hasWindow(channel.incoming)) channel.incoming.window = Number.POSITIVE_INFINITY;
  channel.close();
  // Unread data would keep ssh2 from noticing the end of the channel.
  channel.resume();
  if ('resume' in channel.stderr) channel.stderr.resume();
}

function hasWindow(direction: unknown): direction is { window: number } {
  return typeof direction === 'object' && direction !== null && 'window' in direction;
}
