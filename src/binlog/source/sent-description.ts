import { rewriteDescription } from '../description.js';

/** How a replica asked: by file and position, by MySQL's GTID set, by MariaDB's GTID position. */
export type DumpMode = 'coordinates' | 'auto-position' | 'slave-pos';

/**
 * A file's format description as this replica must see it; the in-use flag is always off. One wrong field here can
 * abort a replica's server.
 *
 * - By coordinates behind the file's start, `log_pos` 0 keeps the description out of the position count, and `created`
 *   0 keeps the applier from dropping temporary tables and rolling back a transaction that goes on behind it.
 * - By auto-position `log_pos` stays: it is the cue to roll a half-received transaction back. MySQL 9.7 aborts when it
 *   is 0 there and the relay log ends inside a transaction.
 * - By MariaDB's GTID position only `created` is 0.
 */
export function descriptionToSend(stored: Buffer, mode: DumpMode, behindStart: boolean): Buffer {
  if (mode === 'slave-pos') return rewriteDescription(stored, { created: 0 });
  if (mode === 'coordinates' && behindStart) return rewriteDescription(stored, { logPosition: 0, created: 0 });
  return rewriteDescription(stored, {});
}
