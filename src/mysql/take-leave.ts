import type { Account } from '../model/settings.js';
import type { TakeLeave } from '../ports/knock.js';
import { loadDriver, openOn } from './driver.js';
import { serverErrno } from './reach.js';

/** Milliseconds for the login that nobody waits for. */
const leaveMs = 5_000;
/** Plain connections are not allowed. */
const wantsTls = 3159;

/**
 * Logs in on a connection on which a server has greeted, and quits. Servers count connections that end in the middle of the
 * handshake for each client address and shut it out after max_connect_errors of them in a row (100 by default, error 1129,
 * until FLUSH HOSTS; not with skip_name_resolve): a replica whose host was asked each second for its view of the source
 * could not connect to it any more. A login sets the count back; one that is denied does not count.
 */
export function leaveAs(account: Account): TakeLeave {
  let encrypted = false;
  return (stream) => {
    const leave = async (): Promise<void> => {
      const timer = setTimeout(() => stream.destroy(), leaveMs).unref();
      stream.once('close', () => clearTimeout(timer));
      const raw = openOn(await loadDriver(), stream, account, encrypted);
      raw.once('connect', () => raw.end());
      raw.on('error', (error) => {
        encrypted ||= serverErrno(error) === wantsTls;
        stream.destroy();
      });
      stream.resume();
    };
    leave().catch(() => stream.destroy());
  };
}
