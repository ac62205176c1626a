import type { ServerSettings } from '../model/settings.js';
import { knock } from '../monitor/knock.js';
import { pingOpener } from '../mysql/ping.js';
import { targetOf } from '../mysql/target.js';

/** A dead port refuses at once; only a host that vanished or a server that hangs lets these pass. */
const greetingMs = 300;
/** MHA's limit for its second look. */
const checkMs = 1_000;

/**
 * The last look before a failover begins: a server that was restarted in the meantime, and passes the check by which it is watched,
 * is no dead one. Nothing has been touched yet, so nothing has to be put back.
 */
export async function hasReturned(source: ServerSettings): Promise<boolean> {
  if ((await knock(source.address, source.port, greetingMs)) !== 'speaks') return false;
  const opening = await pingOpener(targetOf(source), source.pingType, source.pingIntervalMs)(checkMs);
  // An error that a server sends says that it lives.
  if (opening.kind === 'refused-us') return true;
  if (opening.kind !== 'open') return false;
  const { kind } = await opening.ping.check(checkMs);
  opening.ping.close();
  return kind !== 'failed';
}
