/**
 * Where transactions begin and end in a stream of events: a pure state machine for all server families.
 *
 * MySQL 5.7+ (and 5.6 with GTIDs) announces each transaction by a GTID event; BEGIN or XA START may follow, and
 * without one the next statement is the whole transaction (DDL). MariaDB's GTID event says itself whether the group
 * is one statement (standalone) or ends with XID, COMMIT, ROLLBACK or XA PREPARE; it writes no BEGIN. MySQL 5.6
 * without GTIDs has only BEGIN, or what a lone statement needs before it (INTVAR, RAND, USER_VAR, rows).
 */
import { checksumLength, type ChecksumAlgorithm } from './checksum.js';
import { eventType } from './event-types.js';
import { isStandalone } from './gtid-event.js';
import type { EventHeader } from './header.js';
import { queryRole } from './query.js';

/** What an event does to the bounds of transactions. */
export type EventRole =
  /** MySQL's GTID events. */
  | 'announce'
  /** MariaDB's GTID event of a group that has an end event. */
  | 'announce-group'
  | 'announce-standalone'
  | 'begin'
  | 'commit'
  /** XA COMMIT, XA ROLLBACK: a group of its own. */
  | 'xa-end'
  | 'statement'
  /** Rows, variables, annotations: belongs to a transaction and does not end it. */
  | 'part'
  /** The file's own: rotate, stop, descriptions, lists. Never inside a transaction. */
  | 'file';

/**
 * `announced`: a GTID came, nothing else yet. `open`: inside, an end event must come. `standalone`: the next statement
 * is the end. `implicit`: parts of a lone statement came, without GTIDs. `entered`: the walk began in the middle of a
 * file at an event that announces nothing, so this may be the inside of a transaction. `broken`: a transaction did
 * not end where another begins or the file's own events come; nothing behind it can be trusted.
 */
export type BoundaryState = 'outside' | 'announced' | 'open' | 'standalone' | 'implicit' | 'entered' | 'broken';

const fileEvents: ReadonlySet<number> = new Set([
  eventType.stop,
  eventType.rotate,
  eventType.formatDescription,
  eventType.heartbeat,
  eventType.heartbeatV2,
  eventType.previousGtids,
  eventType.binlogCheckpoint,
  eventType.gtidList,
  eventType.startEncryption,
]);

/** Whether events of this type are a file's own, outside of transactions. */
export function isFileEvent(type: number): boolean {
  return fileEvents.has(type);
}

/** `event` holds the event's first bytes (for queries `queryHeadSize`), or all of it when it is shorter. */
export function roleOf(header: EventHeader, event: Buffer, algorithm: ChecksumAlgorithm): EventRole {
  switch (header.type) {
    case eventType.query:
      return queryRole(event, header.size - checksumLength(algorithm));
    case eventType.xid:
    case eventType.xaPrepare:
    case eventType.transactionPayload:
      return 'commit';
    case eventType.gtid:
    case eventType.anonymousGtid:
    case eventType.taggedGtid:
      return 'announce';
    case eventType.mariadbGtid:
      return isStandalone(event) ? 'announce-standalone' : 'announce-group';
    // Compressed only above log_bin_compress_min_len (256 by default, at least 10), so never BEGIN or COMMIT.
    case eventType.queryCompressed:
    case eventType.executeLoadQuery:
    case eventType.incident:
      return 'statement';
    default:
      return isFileEvent(header.type) ? 'file' : 'part';
  }
}

/** The state behind a GTID event; undefined for any other. */
function announced(role: EventRole): BoundaryState | undefined {
  if (role === 'announce') return 'announced';
  if (role === 'announce-group') return 'open';
  return role === 'announce-standalone' ? 'standalone' : undefined;
}

/** The state behind the event. `outside` means: this is a place where the stream may be cut. */
export function advance(state: BoundaryState, role: EventRole): BoundaryState {
  switch (state) {
    case 'outside':
      return announced(role) ?? fromOutside(role);
    case 'entered':
      return announced(role) ?? fromEntered(role);
    case 'broken':
      return 'broken';
    case 'announced':
    case 'implicit':
    case 'standalone':
    case 'open':
      if (announced(role) !== undefined || role === 'file') return 'broken';
      return inside(state, role);
    default:
      return state satisfies never;
  }
}

function fromOutside(role: EventRole): BoundaryState {
  if (role === 'begin') return 'open';
  return role === 'part' ? 'implicit' : 'outside';
}

function fromEntered(role: EventRole): BoundaryState {
  if (role === 'begin') return 'open';
  return role === 'statement' || role === 'part' ? 'entered' : 'outside';
}

function inside(state: 'announced' | 'implicit' | 'standalone' | 'open', role: EventRole): BoundaryState {
  if (role === 'part') return state;
  if (role === 'commit' || role === 'xa-end') return 'outside';
  if (role === 'begin') return 'open';
  return state === 'open' ? 'open' : 'outside';
}

export function announcesTransaction(role: EventRole): boolean {
  return announced(role) !== undefined;
}
