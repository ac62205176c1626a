import type { ClusterSettings, ServerId } from '../model/settings.js';
import { settingsOf } from '../model/settings.js';
import type { Knock } from '../ports/knock.js';
import { sshPlaceOf } from './ssh-place.js';

/** A lost first packet of a connection is sent again after one second (RFC 6298): this is time for both. */
const knockMs = 1_200;

/**
 * Whether nothing on a server's host shows a sign of life: neither the database's port nor sshd's. A server that is
 * slow, overrun or hung has a kernel that accepts or refuses. Behind a jump host this cannot be told.
 */
export async function isHostGone(settings: ClusterSettings, id: ServerId, knock: Knock): Promise<boolean> {
  const server = settingsOf(settings, id);
  const ssh = sshPlaceOf(server);
  if (ssh === undefined) return false;
  const sights = [server, ssh].map(({ address, port }) => knock(address, port, knockMs));
  return (await Promise.all(sights)).every((sight) => sight === 'no-answer');
}
