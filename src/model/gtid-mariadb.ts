/**
 * MariaDB's GTIDs: domain-server-sequence. A *position* is the last one of each domain; sequences of one domain go up
 * along the stream, so a server that stands at a position has everything of that domain up to it.
 * (`gtid_binlog_state` lists one per domain *and server*: a list, not a position.)
 */
export interface MariadbGtid {
  readonly domain: number;
  readonly server: number;
  readonly sequence: bigint;
}

/** By domain. */
export type MariadbPosition = ReadonlyMap<number, MariadbGtid>;

const gtidShape = /^(\d{1,10})-(\d{1,10})-(\d{1,20})$/;
const greatestId = 2 ** 32 - 1;
const greatestSequence = 2n ** 64n - 1n;

export function parseMariadbGtid(text: string): MariadbGtid | undefined {
  const match = gtidShape.exec(text.trim());
  if (match?.[1] === undefined || match[2] === undefined || match[3] === undefined) return undefined;
  const gtid = { domain: Number(match[1]), server: Number(match[2]), sequence: BigInt(match[3]) };
  const fits = gtid.domain <= greatestId && gtid.server <= greatestId && gtid.sequence <= greatestSequence;
  return fits ? gtid : undefined;
}

/** A comma-separated list in its order (`gtid_binlog_state` too). Undefined when it is none; empty text is empty. */
export function parseMariadbGtids(text: string): readonly MariadbGtid[] | undefined {
  const list: MariadbGtid[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const gtid = parseMariadbGtid(part);
    if (gtid === undefined) return undefined;
    list.push(gtid);
  }
  return list;
}

/**
 * The position after these transactions happened one after another: of each domain the last in the list. For
 * `gtid_binlog_state` too, whose last entry of a domain is that domain's newest.
 */
export function mariadbPositionOf(list: Iterable<MariadbGtid>): MariadbPosition {
  const position = new Map<number, MariadbGtid>();
  for (const gtid of list) position.set(gtid.domain, gtid);
  return position;
}

/** Reads `gtid_slave_pos` and its kin. Undefined when it is not a position (a domain twice is none). */
export function parseMariadbPosition(text: string): MariadbPosition | undefined {
  const list = parseMariadbGtids(text);
  if (list === undefined) return undefined;
  const position = mariadbPositionOf(list);
  return position.size === list.length ? position : undefined;
}

export function formatMariadbGtid(gtid: MariadbGtid): string {
  return `${String(gtid.domain)}-${String(gtid.server)}-${String(gtid.sequence)}`;
}

/** Domains in order, as servers print it. */
export function formatMariadbPosition(position: MariadbPosition): string {
  return [...position.values()]
    .toSorted((a, b) => a.domain - b.domain)
    .map(formatMariadbGtid)
    .join(',');
}

/** Whether a server at this position has the transaction (its domain stands there or beyond). */
export function positionHasGtid(position: MariadbPosition, gtid: MariadbGtid): boolean {
  const reached = position.get(gtid.domain);
  return reached !== undefined && reached.sequence >= gtid.sequence;
}

/** Whether `a` is at or beyond `b` in every domain of `b`. */
export function containsPosition(a: MariadbPosition, b: MariadbPosition): boolean {
  return [...b.values()].every((gtid) => positionHasGtid(a, gtid));
}

/** Of each domain the further one. */
export function furthestPosition(a: MariadbPosition, b: MariadbPosition): MariadbPosition {
  return mariadbPositionOf([...a.values(), ...[...b.values()].filter((gtid) => !positionHasGtid(a, gtid))]);
}

/**
 * `diverged`: the same sequence of one domain came from two servers (their histories split), or each is ahead
 * somewhere (`apart`). An absent domain counts as its very beginning.
 */
export type PositionOrder = 'equal' | 'before' | 'after' | 'apart' | 'diverged';

export function comparePositions(a: MariadbPosition, b: MariadbPosition): PositionOrder {
  const split = [...a.values()].some((gtid) => {
    const other = b.get(gtid.domain);
    return other?.sequence === gtid.sequence && other.server !== gtid.server;
  });
  if (split) return 'diverged';
  const left = containsPosition(a, b);
  const right = containsPosition(b, a);
  if (left && right) return 'equal';
  if (left) return 'after';
  return right ? 'before' : 'apart';
}

/** The entries of `a` that `b` has not reached: what a server at `b` still lacks, by domain. */
export function aheadOf(a: MariadbPosition, b: MariadbPosition): MariadbPosition {
  return mariadbPositionOf([...a.values()].filter((gtid) => !positionHasGtid(b, gtid)));
}

/**
 * Whether a server at this position goes on at or behind the place whose past a binary log state lists. By the server that
 * wrote a transaction, as MariaDB's own sources look (sql/sql_repl.cc, contains_all_slave_gtid): numbers of one domain
 * may be out of order where two servers wrote into it, those of one server never are. A list names each domain's newest last.
 */
export function startsBehind(position: MariadbPosition, list: readonly MariadbGtid[]): boolean {
  return list.every((entry, index) => {
    const own = position.get(entry.domain);
    if (own === undefined) return false;
    if (own.server !== entry.server || own.sequence > entry.sequence) return true;
    const isNewest = list.findLastIndex(({ domain }) => domain === entry.domain) === index;
    return isNewest && own.sequence === entry.sequence;
  });
}
