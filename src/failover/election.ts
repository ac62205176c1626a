import type { ServerState } from '../model/picture.js';
import type { ServerId, ServerSettings } from '../model/settings.js';
import type { Errant } from './errant.js';
import type { Level } from './holding.js';
import { compareLevels, newestGroup, reached } from './newest.js';

/** A replica that answered, with what the file says of it. */
export interface Contender extends Level {
  readonly settings: ServerSettings;
  /** Transactions of its own that the source never had. */
  readonly errant?: Errant;
}

export interface Unfit {
  readonly server: ServerId;
  readonly why: string;
}

export interface Elected {
  readonly ok: true;
  readonly chosen: Contender;
  readonly why: string;
  readonly unfit: readonly Unfit[];
}

export interface NobodyElected {
  readonly ok: false;
  readonly why: string;
  readonly unfit: readonly Unfit[];
}

export interface ElectionRules {
  /** The operator's `--new-master`; it must be fit like any other, but may be of a newer version than its replicas. */
  readonly forced?: ServerId;
  /** Servers that were tried and failed, with the reason. */
  readonly excluded: ReadonlyMap<ServerId, string>;
  /** MHA's delay rule; the planned switch leaves it out. */
  readonly checkDelay: boolean;
  /** Who will follow the chosen one besides the contenders: the old source of a planned switch. */
  readonly alsoFollows?: ServerState;
}

/** MHA's limit for a replica that has received less than the newest one, in bytes of one file. */
const delayLimitBytes = 100_000_000;

/**
 * Chooses the new source by MHA's order: the forced one; else the newest fit candidate_master, any fit
 * candidate_master, the newest fit replica, any fit replica; the order of the file decides between equals.
 */
export function elect(contenders: readonly Contender[], rules: ElectionRules): Elected | NobodyElected {
  const strict = electStrictly(contenders, rules);
  const isAnyFit = strict.ok || strict.unfit.length < contenders.length;
  if (isAnyFit || !rules.checkDelay) return strict;
  // MHA leaves the cluster without a source then. Everybody is brought level before the opening: it only takes longer.
  const relaxed = electStrictly(contenders, { ...rules, checkDelay: false });
  return relaxed.ok ? { ...relaxed, why: `${relaxed.why}; far behind, but no other is fit` } : strict;
}

/** Who may not lead a failover while another one can. */
export interface FailoverRules extends Pick<ElectionRules, 'forced' | 'excluded'> {
  /** Replicas to which no tunnel can be opened, with the reason. */
  readonly unserved: ReadonlyMap<ServerId, string>;
  /** Replicas whose applier waits for somebody's lock, with its words. */
  readonly held: ReadonlyMap<ServerId, string>;
}

/**
 * MHA's delay rule keeps a replica out only while another one is fit. So does the lack of a way to serve it, which would
 * leave what only the dead disk holds where it is, and a lock on its applier, for whose end clients would wait.
 */
export function electForFailover(
  contenders: readonly Contender[],
  { unserved, held, excluded, ...named }: FailoverRules,
): Elected | NobodyElected {
  const without = [...unserved].map(([id, why]) => [id, `it cannot be served: ${why}`] as const);
  const waiting = [...held].map(([id, state]) => [id, `its applier is held by a lock: ${state}`] as const);
  const served = new Map([...without, ...excluded]);
  let elected = elect(contenders, { ...named, excluded: new Map([...waiting, ...served]), checkDelay: true });
  // Clients wait for a lock before everybody is given transactions that the source never had.
  if (elected.ok && elected.chosen.errant === undefined) return elected;
  for (const rules of [
    { excluded: served, checkDelay: true },
    { excluded: served, checkDelay: false },
    { excluded, checkDelay: true },
    { excluded, checkDelay: false },
  ]) {
    elected = elect(contenders, { ...named, ...rules });
    if (elected.ok) break;
  }
  return elected;
}

function electStrictly(contenders: readonly Contender[], rules: ElectionRules): Elected | NobodyElected {
  const newest = newestGroup(contenders);
  const unfit = contenders.flatMap((contender) => {
    const why = unfitBecause(contender, contenders, newest, rules);
    return why === undefined ? [] : [{ server: contender.server, why }];
  });
  const isFit = (contender: Contender): boolean => unfit.every((entry) => entry.server !== contender.server);
  if (rules.forced !== undefined) return electForced(rules, rules.forced, contenders, unfit, isFit);

  const all = contenders.filter(isFit);
  const clean = all.filter(({ errant }) => errant === undefined);
  // Many sites have errant transactions: where every fit one has some, the best of them leads all the same.
  const fit = clean.length > 0 ? clean : all;
  const isNewest = (contender: Contender): boolean => newest.some((level) => level.server === contender.server);
  // As with MHA the first of the newest has the say, where blocks differ.
  const preferNewest = contenders.find(isNewest)?.settings.latestPriority ?? true;
  const ladder: readonly (readonly [string, (contender: Contender) => boolean])[] = [
    ['candidate_master and among the newest', (c) => preferNewest && c.settings.candidateMaster && isNewest(c)],
    ['candidate_master', (c) => c.settings.candidateMaster],
    ['among the newest', (c) => preferNewest && isNewest(c)],
    ['first fit replica of the file', () => true],
  ];
  for (const [why, rule] of ladder) {
    const chosen = fit.find(rule);
    if (chosen !== undefined) return { ok: true, chosen, why, unfit };
  }
  return { ok: false, why: 'no replica is fit to become the source', unfit };
}

function electForced(
  rules: ElectionRules,
  forced: ServerId,
  contenders: readonly Contender[],
  unfit: readonly Unfit[],
  isFit: (contender: Contender) => boolean,
): Elected | NobodyElected {
  const chosen = contenders.find((contender) => contender.server === forced);
  if (chosen === undefined) return { ok: false, why: `${forced} is not a replica that answers`, unfit };
  if (!isFit(chosen)) {
    const why = unfit.find((entry) => entry.server === forced)?.why ?? 'unfit';
    return { ok: false, why: `${forced} cannot become the source: ${why}`, unfit };
  }
  const older = olderThan(chosen.state, contenders, rules);
  const remark = older === undefined ? '' : `, though its version is newer than that of ${older}`;
  return { ok: true, chosen, why: `named by the operator${remark}`, unfit };
}

/** A server that would have to follow a newer one, which is no supported direction. */
function olderThan(state: ServerState, all: readonly Contender[], { alsoFollows }: ElectionRules): string | undefined {
  const replica = all.find((other) => isNewerMajor(state, other.state));
  if (replica !== undefined) return replica.server;
  return alsoFollows !== undefined && isNewerMajor(state, alsoFollows) ? 'the old source' : undefined;
}

function unfitBecause(
  contender: Contender,
  all: readonly Contender[],
  newest: readonly Level[],
  rules: ElectionRules,
): string | undefined {
  const { settings, state, channel, errant } = contender;
  const excluded = rules.excluded.get(contender.server);
  if (excluded !== undefined) return excluded;
  if (settings.noMaster) return 'no_master=1';
  if (!state.logBin) return 'log_bin is off: nobody could replicate from it';
  if (channel.applierError.number !== 0) {
    return `its applier stopped with error ${String(channel.applierError.number)}: ${channel.applierError.text}`;
  }
  if (channel.delaySeconds > 0) return `it is delayed on purpose by ${String(channel.delaySeconds)} s`;
  const older = olderThan(state, all, rules);
  if (errant !== undefined && errant.purged !== '' && rules.forced !== contender.server)
    return `its own transactions ${errant.purged} are purged from its binary log: no replica could fetch them`;
  if (older !== undefined && rules.forced !== contender.server) return `its version is newer than that of ${older}`;
  if (rules.checkDelay && settings.checkReplDelay) return tooFarBehind(contender, newest);
  return undefined;
}

function isNewerMajor(state: ServerState, other: ServerState): boolean {
  const { version } = state;
  if (version.vendor !== other.version.vendor) return false;
  return version.major !== other.version.major
    ? version.major > other.version.major
    : version.minor > other.version.minor;
}

/** By what was received, not by what was applied: the applier is given time to drain. */
function tooFarBehind(contender: Contender, newest: readonly Level[]): string | undefined {
  const first = newest[0];
  const top = first === undefined ? undefined : reached(first);
  const own = reached(contender);
  // Sets say who has more, and not how many bytes.
  if (first === undefined || top === undefined || (own === undefined && compareLevels(contender, first) !== undefined))
    return undefined;
  if (own === undefined) return 'its place in the source is not known';
  if (own.file !== top.file) return `it has received up to ${own.file} only, the newest is in ${top.file}`;
  const behind = top.position - own.position;
  if (behind <= delayLimitBytes) return undefined;
  return `it has received ${String(behind)} bytes less than the newest`;
}
