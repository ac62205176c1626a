/**
 * MySQL's GTID sets: which transactions a server has, by the server that first committed them.
 * A *track* is a server's UUID, or UUID:tag (MySQL 8.3+); each holds numbers as sorted, disjoint, inclusive intervals
 * that never touch. Sets are values: every operation returns a new one. Numbers are bigint: they count to 2^63.
 */
export interface GtidInterval {
  readonly first: bigint;
  readonly last: bigint;
}

export interface GtidSet {
  /** Keys are lower case: `uuid` or `uuid:tag`. No key has an empty list. */
  readonly tracks: ReadonlyMap<string, readonly GtidInterval[]>;
}

export interface MysqlGtid {
  readonly track: string;
  readonly number: bigint;
}

export const emptyGtidSet: GtidSet = { tracks: new Map() };

const uuidShape = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/;
/** Manual, "GTID Format and Storage": a letter or underscore, then up to 31 letters, digits or underscores. */
const tagShape = /^[a-z_][a-z0-9_]{0,31}$/;
const intervalShape = /^(\d{1,19})(?:-(\d{1,19}))?$/;
const greatest = 2n ** 63n - 1n;

/** Sorts and joins what overlaps or touches. */
function normalise(intervals: readonly GtidInterval[]): readonly GtidInterval[] {
  const sorted = intervals.toSorted((a, b) => (a.first < b.first ? -1 : a.first > b.first ? 1 : 0));
  const joined: GtidInterval[] = [];
  for (const next of sorted) {
    const before = joined.at(-1);
    if (before === undefined || next.first > before.last + 1n) joined.push(next);
    else if (next.last > before.last) joined[joined.length - 1] = { first: before.first, last: next.last };
  }
  return joined;
}

/** A set of whatever was gathered, in any order and overlapping. */
export function gtidSetOf(tracks: Iterable<readonly [string, readonly GtidInterval[]]>): GtidSet {
  const gathered = new Map<string, GtidInterval[]>();
  for (const [track, intervals] of tracks) {
    const list = gathered.get(track);
    if (list === undefined) gathered.set(track, [...intervals]);
    else list.push(...intervals);
  }
  const normal = [...gathered].map(([track, list]) => [track, normalise(list)] as const);
  return { tracks: new Map(normal.filter(([, list]) => list.length > 0)) };
}

function parseInterval(text: string): GtidInterval | undefined {
  const match = intervalShape.exec(text);
  if (match?.[1] === undefined) return undefined;
  const first = BigInt(match[1]);
  const last = match[2] === undefined ? first : BigInt(match[2]);
  return first >= 1n && last >= first && last <= greatest ? { first, last } : undefined;
}

/** With dashes, as servers print it; they accept it without. */
function dashed(uuid: string): string {
  const plain = uuid.replaceAll('-', '');
  return [plain.slice(0, 8), plain.slice(8, 12), plain.slice(12, 16), plain.slice(16, 20), plain.slice(20)].join('-');
}

/** One comma-separated part: `uuid:1-5:7:tag:1-3`. A tag holds until the next one. */
function parsePart(part: string): (readonly [string, readonly GtidInterval[]])[] | undefined {
  const [uuid = '', ...pieces] = part
    .toLowerCase()
    .split(':')
    .map((piece) => piece.trim());
  if (!uuidShape.test(uuid) || pieces.length === 0) return undefined;
  let track = dashed(uuid);
  const found: (readonly [string, readonly GtidInterval[]])[] = [];
  for (const piece of pieces) {
    if (tagShape.test(piece)) {
      track = `${dashed(uuid)}:${piece}`;
      continue;
    }
    const interval = parseInterval(piece);
    if (interval === undefined) return undefined;
    found.push([track, [interval]]);
  }
  return found.length > 0 ? found : undefined;
}

/** Reads what a server prints (white space and empty parts allowed). Undefined when it is not a GTID set. */
export function parseGtidSet(text: string): GtidSet | undefined {
  const found: (readonly [string, readonly GtidInterval[]])[] = [];
  for (const part of text.split(',').map((piece) => piece.trim())) {
    if (part === '') continue;
    const parsed = parsePart(part);
    if (parsed === undefined) return undefined;
    found.push(...parsed);
  }
  return gtidSetOf(found);
}

function formatIntervals(intervals: readonly GtidInterval[]): string {
  return intervals
    .map(({ first, last }) => (first === last ? String(first) : `${String(first)}-${String(last)}`))
    .join(':');
}

/** One line, tracks in order, as servers print it but with each tag under its own `uuid:tag`, which they read too. */
export function formatGtidSet(set: GtidSet): string {
  return [...set.tracks]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([track, intervals]) => `${track}:${formatIntervals(intervals)}`)
    .join(',');
}

export function isEmptyGtidSet(set: GtidSet): boolean {
  return set.tracks.size === 0;
}

export function unionGtidSets(a: GtidSet, b: GtidSet): GtidSet {
  return gtidSetOf([...a.tracks, ...b.tracks]);
}

/** Both lists in their order, each gone through once: a set may have tens of thousands of intervals. */
function subtractIntervals(from: readonly GtidInterval[], away: readonly GtidInterval[]): readonly GtidInterval[] {
  const left: GtidInterval[] = [];
  let next = 0;
  for (const { first, last } of from) {
    let begin = first;
    for (;;) {
      const cut = away[next];
      if (cut === undefined || cut.first > last) break;
      if (cut.first > begin) left.push({ first: begin, last: cut.first - 1n });
      if (cut.last >= begin) begin = cut.last + 1n;
      // What reaches beyond this interval may cut the next one, too.
      if (cut.last > last) break;
      next++;
    }
    if (begin <= last) left.push({ first: begin, last });
  }
  return left;
}

/** What `a` has and `b` has not. */
export function subtractGtidSets(a: GtidSet, b: GtidSet): GtidSet {
  return gtidSetOf(
    [...a.tracks].map(
      ([track, intervals]) => [track, subtractIntervals(intervals, b.tracks.get(track) ?? [])] as const,
    ),
  );
}

/** Whether `a` has everything that `b` has. */
export function containsGtidSet(a: GtidSet, b: GtidSet): boolean {
  return isEmptyGtidSet(subtractGtidSets(b, a));
}

/** Asked for each transaction of a log: halves what is left of the intervals each time. */
export function containsGtid(set: GtidSet, { track, number }: MysqlGtid): boolean {
  const intervals = set.tracks.get(track) ?? [];
  let [low, high] = [0, intervals.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const interval = intervals[middle];
    if (interval === undefined || interval.first > number) high = middle;
    else if (interval.last < number) low = middle + 1;
    else return true;
  }
  return false;
}

/** How many transactions the set names. */
export function countGtids(set: GtidSet): bigint {
  let count = 0n;
  for (const intervals of set.tracks.values()) for (const { first, last } of intervals) count += last - first + 1n;
  return count;
}
