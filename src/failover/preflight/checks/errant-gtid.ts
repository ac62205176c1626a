import type { Finding } from '../../../model/finding.js';
import {
  formatMariadbGtid,
  mariadbPositionOf,
  type MariadbPosition,
  parseMariadbGtids,
  positionHasGtid,
} from '../../../model/gtid-mariadb.js';
import { formatGtidSet, gtidSetOf, isEmptyGtidSet, parseGtidSet, subtractGtidSets } from '../../../model/gtid-mysql.js';
import type { ServerState } from '../../../model/picture.js';
import type { Check } from '../evidence.js';
import { type AnsweringReplica, replicasOf, sourceOf } from '../roles.js';

/** Transactions that a replica made itself, which the source never had. */
export const errantGtid: Check = (evidence) => {
  const source = sourceOf(evidence);
  if (source === undefined) return [];
  return replicasOf(evidence).flatMap((replica): readonly Finding[] => {
    const errant =
      replica.state.version.vendor === 'mysql'
        ? errantOnMysql(replica, source.state)
        : errantOnMariadb(replica, source.state);
    if (errant === '') return [];
    return [
      {
        id: 'errant-gtid',
        severity: 'warn',
        server: replica.id,
        seen: `${replica.id} has transactions that ${source.id} does not have: ${errant}`,
        matters: 'Its data may differ; if it becomes the source, replicas ask it for these transactions and may stop.',
        fix: `Compare the data; then bring them to ${source.id} (an empty transaction with that GTID), or rebuild ${replica.id}.`,
      },
    ];
  });
};

/**
 * Servers are read one after another while writes go on, so that a replica may seem ahead in the source's own
 * transactions. Those are left out: only what came from elsewhere is errant.
 */
function errantOnMysql({ state }: AnsweringReplica, source: ServerState): string {
  const own = parseGtidSet(state.gtid.executed);
  const known = parseGtidSet(source.gtid.executed);
  if (own === undefined || known === undefined) return '';
  const extra = subtractGtidSets(own, known);
  const ofSource = source.serverUuid?.toLowerCase();
  const errant = gtidSetOf([...extra.tracks].filter(([track]) => track.split(':')[0] !== ofSource));
  return isEmptyGtidSet(errant) ? '' : formatGtidSet(errant);
}

/** MariaDB: what the replica's binary log has of its own server_id, beyond what the source has of that domain. */
function errantOnMariadb({ state }: AnsweringReplica, source: ServerState): string {
  const own = parseMariadbGtids(state.gtid.binlogState);
  const known = positionsOf(source);
  if (own === undefined || known === undefined) return '';
  return own
    .filter(({ server }) => server === state.serverId)
    .filter((gtid) => !known.some((position) => positionHasGtid(position, gtid)))
    .map(formatMariadbGtid)
    .join(',');
}

/** All that the source says of its history; undefined when it cannot be read. */
function positionsOf({ gtid }: ServerState): readonly MariadbPosition[] | undefined {
  const lists = [gtid.binlogState, gtid.slavePos, gtid.currentPos].map(parseMariadbGtids);
  const readable = lists.filter((list) => list !== undefined);
  return readable.length < lists.length ? undefined : readable.map(mariadbPositionOf);
}
