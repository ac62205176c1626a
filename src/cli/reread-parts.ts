import type { Configuration } from '../config/load-configuration.js';
import { reread } from '../config/reread.js';
import type { ServerId } from '../model/settings.js';
import { openParts, type Parts } from './parts.js';

/** A failover waits for the files, and not for a name server that has died with the source. */
const rereadMs = 3_000;

/**
 * As MHA: before it acts, a manager reads its files again, since they may have been changed in the months that it watched. What
 * cannot be read now is no reason to leave a cluster without a source: then what was read at the start counts, and that is said.
 * Parts of their own come back where the files have changed; the caller closes these.
 */
export async function rereadParts(before: Parts, configuration: Configuration, source: ServerId): Promise<Parts> {
  const { say, settings } = before;
  const { file } = configuration.chosen;
  const again = await reread(configuration, rereadMs);
  switch (again.kind) {
    case 'same':
      return before;
    case 'broken':
      say(`warning: ${file} was read again and cannot be used: ${again.why}; what was read at the start counts`);
      return before;
    case 'changed': {
      const fresh = again.configuration.settings;
      if (!fresh.servers.some(({ id }) => id === source)) {
        say(`warning: ${file} has changed and does not name ${source} any more; what was read at the start counts`);
        return before;
      }
      say(`${file} was read again: it has changed, and counts as it is now`);
      // The status file, the marks and the log stay where this manager has them.
      const { workdir, logFile, logLevel } = settings;
      const parts = openParts({ ...fresh, workdir, logLevel, ...(logFile === undefined ? {} : { logFile }) }, say);
      // The failover asks for it only after its first steps; a failure is told then.
      parts
        .recovery()
        .warm()
        .catch(() => undefined);
      return parts;
    }
  }
}
