import { rewriteDescription } from '../description.js';

/** How a replica asked: by file and position, by MySQL's GTID set, by MariaDB's GTID position. */
export type DumpMode = 'coordinates' | 'auto-position' | 'slave-pos';

/**
 * A file's format description as this replica must see it; the in-use flag is always off. One wrong field here can
 * abort a replica's server. Replicas add the description's size to their position unless its `log_pos` is 0.
 *
 * - Behind the file's start `log_pos` 0 keeps the position right, and `created` 0 keeps the applier from dropping
 *   temporary tables and rolling back a transaction that goes on behind it.
 * - By MariaDB's GTID position `created` is 0 at the file's start too.
 * - By MySQL's auto-position `log_pos` stays: it is the cue to roll a half-received transaction back. MySQL 9.7 aborts
 *   when it is 0 there and the relay log ends inside a transaction. The position is put right by a heartbeat. Behind the
 *   file's start `created` is 0 as it is in every file but a server's first one: a replica that has been in this file
 *   must keep its temporary tables, since statements that use them may follow.
 */
export function descriptionToSend(stored: Buffer, mode: DumpMode, behindStart: boolean): Buffer {
  if (mode === 'auto-position') return rewriteDescription(stored, behindStart ? { created: 0 } : {});
  if (behindStart) return rewriteDescription(stored, { logPosition: 0, created: 0 });
  return rewriteDescription(stored, mode === 'slave-pos' ? { created: 0 } : {});
}
