/**
 * Event type numbers of binary logs. MySQL and MariaDB share 0-38; MariaDB's own begin at 160.
 * Sources: MySQL libs/mysql/binlog/event/binlog_event.h, MariaDB sql/log_event.h.
 */
export const eventType = {
  query: 2,
  stop: 3,
  rotate: 4,
  intvar: 5,
  appendBlock: 9,
  deleteFile: 11,
  rand: 13,
  userVar: 14,
  formatDescription: 15,
  xid: 16,
  beginLoadQuery: 17,
  executeLoadQuery: 18,
  tableMap: 19,
  incident: 26,
  heartbeat: 27,
  ignorable: 28,
  rowsQuery: 29,
  gtid: 33,
  anonymousGtid: 34,
  previousGtids: 35,
  xaPrepare: 38,
  transactionPayload: 40,
  heartbeatV2: 41,
  taggedGtid: 42,
  annotateRows: 160,
  binlogCheckpoint: 161,
  mariadbGtid: 162,
  gtidList: 163,
  startEncryption: 164,
  queryCompressed: 165,
} as const;

/** For messages: `query (2)`; a number without a name stays a number. */
export function describeEventType(type: number): string {
  const name = Object.entries(eventType).find(([, number]) => number === type)?.[0];
  return name === undefined ? String(type) : `${name} (${String(type)})`;
}
