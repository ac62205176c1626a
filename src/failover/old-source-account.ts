import type { Channel } from '../model/picture.js';
import type { ServerSettings } from '../model/settings.js';
import { mutualChannel } from './mutual-channel.js';

/**
 * Can the old source log in at the next one? A source stores no account for that, and servers show nobody the password that
 * their replicas use: it has to be written down, unless a certificate proves the account or the old source follows the next
 * one already.
 */
export function hasAccountToFollow(
  oldSource: { readonly channels: readonly Channel[] },
  next: ServerSettings,
  model: Channel,
): boolean {
  return (
    next.replicationPassword !== undefined ||
    model.ssl.cert !== '' ||
    mutualChannel(oldSource.channels, next) !== undefined
  );
}
