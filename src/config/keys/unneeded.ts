import { everywhere, key, optionalKey } from '../key.js';
import { flag, text } from '../kinds.js';

const nothingRuns = 'Accepted and not needed: nothing is installed or copied on database hosts.';
const ownApplier = "Accepted and not needed: the replica's own applier executes the rescued events.";

/** Keys of MHA that have nothing left to control. Files that carry them stay valid. */
export const unneededKeys = {
  client_bindir: optionalKey(text, {
    levels: everywhere,
    meaning: 'Directory of the client programs on the database hosts.',
    note: nothingRuns,
  }),
  client_libdir: optionalKey(text, {
    levels: everywhere,
    meaning: 'Library directory of these programs.',
    note: nothingRuns,
  }),
  disable_log_bin: key(flag, '0', {
    levels: everywhere,
    meaning: 'Apply rescued events without writing a binary log.',
    note: ownApplier,
  }),
  handle_raw_binlog: key(flag, '1', {
    levels: everywhere,
    meaning: 'Handle rescued events as bytes instead of as text of mysqlbinlog.',
    note: 'Accepted and not needed: events are always handled as bytes, which any server version understands.',
  }),
};
