import { eventType } from './event-types.js';
import { queryHeadSize } from './query.js';

/** Events up to this size are put together when they come in pieces; longer ones pass through. */
export const gatherLimit = 65_536;

/** GTID lists grow with a cluster's history; beyond this they are not looked into. */
const listLimit = 1_048_576;

/** How many of an event's first bytes somebody decides by. Rows, the bulk of every log, need only their header. */
export function keptBytes(type: number): number {
  switch (type) {
    case eventType.query:
      return queryHeadSize;
    case eventType.formatDescription:
    case eventType.rotate:
    case eventType.gtid:
    case eventType.mariadbGtid:
    case eventType.taggedGtid:
      return gatherLimit;
    case eventType.previousGtids:
    case eventType.gtidList:
      return listLimit;
    default:
      return 0;
  }
}
