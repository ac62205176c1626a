import type { Coordinates } from '../../model/coordinates.js';
import { firstPosition } from '../../model/coordinates.js';
import { parseMariadbPosition } from '../../model/gtid-mariadb.js';
import type { ChecksumAlgorithm } from '../checksum.js';
import { readGtidSet } from '../previous-gtids.js';
import type { ServedLog } from '../served-log.js';
import { AutoPositionFilter } from './auto-position-filter.js';
import type { DumpRequest } from './commands.js';
import { everything, type GroupFilter } from './group-filter.js';
import type { SessionVariables } from './queries.js';
import { refusals } from './refusal.js';
import { connectState } from './replica-session.js';
import type { DumpMode } from './sent-description.js';
import { SlavePosFilter } from './slave-pos-filter.js';

/** What a dump request comes to: how the replica asked, what it is not to get again. */
export interface Dump {
  readonly mode: DumpMode;
  readonly filter: GroupFilter;
  /** The place asked for; undefined by GTID, which begins with everything that is held. */
  readonly asked: Coordinates | undefined;
}

export function readDump(request: DumpRequest, variables: SessionVariables, checksum: ChecksumAlgorithm): Dump {
  if (request.gtidSet !== undefined) {
    const set = readGtidSet(request.gtidSet, 0, request.gtidSet.length);
    if (set === undefined) throw refusals.unreadableState('GTID set');
    return { mode: 'auto-position', filter: new AutoPositionFilter(set, checksum), asked: undefined };
  }
  // A MariaDB replica that reconnects names a file and a position as well; its GTID position is what counts.
  const state = connectState(variables);
  if (state !== undefined) {
    const position = parseMariadbPosition(state);
    if (position === undefined) throw refusals.unreadableState('GTID position');
    return { mode: 'slave-pos', filter: new SlavePosFilter(position, checksum), asked: undefined };
  }
  const asked = { file: request.file, position: Math.max(request.position, firstPosition) };
  return { mode: 'coordinates', filter: everything, asked };
}

/** Where to begin, as soon as the bytes there (or the knowledge that the log ends there) are held. */
export function heldStart(log: ServedLog, dump: Dump): Coordinates | undefined {
  const place = dump.asked ?? log.start();
  if (place === undefined || log.description(place.file) === undefined) return undefined;
  return log.extentAt(place) === undefined ? undefined : place;
}
