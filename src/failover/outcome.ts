import { compareCoordinates, formatCoordinates } from '../model/coordinates.js';
import { describeError, Fault } from '../model/fault.js';
import type { Rescued, RunOutcome, ServerOutcome } from '../model/outcome.js';
import type { Picture } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import { adviceOf } from './advice.js';
import { addressChores, addressOutcome, missesClients } from './address-outcome.js';
import type { Unfit } from './election.js';
import { endedSince, isSilent } from './ended-since.js';
import { standingOf } from './former.js';
import type { RunFacts } from './hand.js';
import { clientsTakenOff } from './hook-names.js';
import { restartHazards } from './late-restart.js';
import type { StepFailure } from './plan-result.js';
import type { Member } from './plan.js';
import { returnOfSource } from './return-of-source.js';
import { setTo } from './set-to.js';
import type { FailoverWishes } from './wishes.js';

/** What a conductor has gathered by the end of a run. */
export interface Story {
  readonly command: RunOutcome['command'];
  readonly settings: ClusterSettings;
  readonly run: string;
  readonly source: ServerId;
  readonly members: readonly Member[];
  /** Configured servers that did not answer, or refused us, other than the source. */
  readonly unreachable: readonly ServerId[];
  evidence: RunOutcome['evidence'];
  readonly facts: RunFacts;
  readonly failures: StepFailure[];
  readonly warnings: string[];
  readonly losses: string[];
  readonly next: string[];
  /** Servers that took writes beside the new source at the end of the run. */
  readonly strays: ServerId[];
  /** A failover's: what it was asked to leave out. */
  readonly wishes?: FailoverWishes;
  readonly startedWall: number;
  /** A failover's: so far nothing was done to any server or host. */
  untouched?: boolean;
  unfit: readonly Unfit[];
  whyChosen?: string;
  before?: Picture;
  after?: Picture;
  refusal?: unknown;
}

/** Pure: the story as the values that report, JSON and exit code are made of. */
export function outcomeOf(story: Story, endedWall: number): RunOutcome {
  const { facts } = story;
  const servers = story.settings.servers.map(({ id }) => serverOutcome(id, story));
  const rescued = facts.saved.map(rescuedOf);
  const losses = [...story.losses, ...defects(rescued)];
  const writerAddress = addressOutcome(story);
  return {
    command: story.command,
    cluster: story.settings.app,
    run: story.run,
    exit: exitOf(story, servers),
    oldSource: story.source,
    ...(facts.opened === undefined ? {} : { newSource: facts.opened.server }),
    ...(story.whyChosen === undefined ? {} : { whyChosen: story.whyChosen }),
    unfit: story.unfit,
    evidence: story.evidence,
    ...(facts.target === undefined ? {} : { target: facts.target }),
    ...(facts.opened === undefined ? {} : { opened: { at: facts.opened.at, gtid: facts.opened.gtid } }),
    rescued,
    losses,
    ended: facts.ended,
    servers,
    ...(writerAddress === undefined ? {} : { writerAddress }),
    hooks: facts.hookResults.filter(({ outcome }) => outcome !== 'not-configured'),
    warnings: [...story.warnings, ...notes(story), ...restartHazards(story)],
    next: [
      ...lookAtSource(story),
      ...servers.flatMap(({ next }) => (next === undefined ? [] : [next])),
      ...returnOfSource({ ...story, losses }),
      ...addressChores(story),
      ...clientsTakenOff(story),
      ...ownChores(story),
    ],
    ...(story.refusal === undefined ? {} : { refusal: refusalOf(story.refusal) }),
    ...(story.untouched === true ? { untouched: true } : {}),
    startedWall: story.startedWall,
    endedWall,
    ...(facts.opened === undefined ? {} : { openedWall: facts.opened.wall }),
  };
}

function exitOf(story: Story, servers: readonly ServerOutcome[]): RunOutcome['exit'] {
  if (story.facts.opened === undefined) return 1;
  const isOneSource = story.strays.length === 0 && !isGone(story);
  const isWhole = !servers.some(({ role }) => role === 'behind') && !missesClients(story) && isOneSource;
  return isWhole && story.refusal === undefined ? 0 : 10;
}

/** The new source was opened and proven open, and did not answer when everybody was looked at once more. */
function isGone({ facts, after }: Story): boolean {
  return facts.opened !== undefined && isSilent(facts.opened.server, after);
}

/**
 * What the fence found and did before is told as evidence, and how the old source comes back is said; where it goes on as the source
 * all of it counts, since whoever was killed has to be started again.
 */
function ownChores({ next, evidence, facts }: Story): readonly string[] {
  return facts.opened === undefined ? next : next.filter((line) => !evidence.lines.includes(line));
}

function lookAtSource(story: Story): readonly string[] {
  const { opened } = story.facts;
  if (opened === undefined || !isGone(story)) return [];
  const { server } = opened;
  return [`look at ${server} at once: it was opened and does not answer any more; if it is dead, fail over from it`];
}

function serverOutcome(server: ServerId, story: Story): ServerOutcome {
  const channel = story.members.find((member) => member.server === server)?.channel;
  const before = story.before === undefined ? undefined : standingOf(story.before, server, channel);
  const after = story.after === undefined ? undefined : standingOf(story.after, server, channel);
  const role = roleOf(server, story);
  const follows = role.role === 'behind' ? setTo(server, story) : undefined;
  return {
    server,
    ...role,
    ...(follows === undefined ? {} : { setTo: follows }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
  };
}

function roleOf(server: ServerId, story: Story): Pick<ServerOutcome, 'role' | 'why' | 'next'> {
  const { facts, failures, command } = story;
  if (server === facts.opened?.server) return { role: 'new-source' };
  if (server === story.source) return oldSourceRole(story);
  if (facts.opened !== undefined && story.unreachable.includes(server)) {
    const next = `when ${server} is back, rebuild it from ${facts.opened.server}; only one that goes by GTID can be pointed there instead`;
    return { role: 'behind', why: whySilent(server, story), next };
  }
  const isMember = story.members.some((member) => member.server === server);
  if (!isMember || facts.opened === undefined) return { role: 'untouched' };
  const ended = endedSince(server, story);
  if (facts.following.has(server) && ended === undefined) return { role: 'recovered' };
  const own = failures.filter(({ step }) => concerns(step, server));
  // What made the plan be made again was perhaps mended by that: it is the reason only where there is no other.
  const failure = own.findLast(({ step }) => step.onFailure !== 'replan') ?? own.at(-1);
  const why = ended?.why ?? (failure === undefined ? whyNeverTried(server, story) : describeError(failure.error));
  if (story.wishes?.repoint === false && isLevel(server, facts.opened.server, facts)) {
    const next = `point ${server} to ${facts.opened.server}`;
    return { role: 'levelled', why: 'it was not to be repointed', next };
  }
  const what =
    command === 'failover'
      ? `rebuild ${server} from ${facts.opened.server}, or repair it and point it there`
      : `repair ${server} and point it to ${facts.opened.server}`;
  return { role: 'behind', why, next: ended?.next ?? adviceOf(failure?.error) ?? what };
}

/** Proven by what both had executed when they had reached the target, in the dead source's coordinates. */
function isLevel(server: ServerId, newSource: ServerId, { executed }: RunFacts): boolean {
  const [own, goal] = [executed.get(server), executed.get(newSource)];
  return own !== undefined && goal !== undefined && compareCoordinates(own, goal) >= 0;
}

function oldSourceRole(story: Story): Pick<ServerOutcome, 'role' | 'why' | 'next'> {
  const { command, facts, source, failures } = story;
  const ended = endedSince(source, story);
  if (ended !== undefined) return { role: 'behind', why: ended.why, next: ended.next ?? `repair ${source}` };
  if (facts.following.has(source)) return { role: 'recovered' };
  if (command === 'failover') return { role: 'old-source' };
  const failure = failures.findLast(({ step }) => step.do === 'attach-old-source');
  const byHand = `point ${source} to the new source by hand`;
  if (failure === undefined) {
    if (!facts.oldSourceStays || facts.opened === undefined) return { role: 'old-source' };
    return { role: 'behind', why: 'a step that it needed did not succeed', next: byHand };
  }
  return { role: 'behind', why: describeError(failure.error), next: adviceOf(failure.error) ?? byHand };
}

function concerns(step: StepFailure['step'], server: ServerId): boolean {
  return step.server === server || (step.do === 'save-laggard-range' && step.member.server === server);
}

function whyNeverTried(server: ServerId, story: Story): string {
  return story.facts.former.has(server) ? 'a step that it needed did not succeed' : whySilent(server, story);
}

function whySilent(server: ServerId, { before }: Story): string {
  const reach = before?.servers.get(server);
  return reach?.kind === 'refused-us' ? `it refused us: ${reach.message}` : 'it did not answer';
}

function notes({ failures }: Story): string[] {
  return failures
    .filter(({ step }) => step.onFailure === 'note' && step.do !== 'save-laggard-range')
    .map(({ step, error }) => `${step.id}: ${describeError(error)}`);
}

function rescuedOf({ from, kind, copy, range }: RunFacts['saved'][number]): Rescued {
  return {
    from,
    kind,
    ...(copy === undefined ? {} : { copy }),
    start: range.from,
    end: range.to,
    bytes: range.bytes,
    transactions: range.transactions,
    gtids: range.gtids,
    ...(range.defect === undefined ? {} : { defect: range.defect.text }),
    ...(range.defect?.kind === 'torn' ? { torn: true } : {}),
    files: range.files,
  };
}

/**
 * A transaction torn by the crash was never acknowledged by a server that syncs its log, and the person is told so; the
 * rest may have been. Where another copy went on behind a copy's defect, nothing is missing; behind the disk's, that copy
 * need not have all.
 */
function defects(rescued: readonly Rescued[]): string[] {
  const sentences = rescued.flatMap((piece) => {
    const { from, copy, defect, end, kind, torn } = piece;
    if (defect === undefined || kind === 'relay') return [];
    const further = rescued.find((other) => other.copy !== undefined && isBehind(other, piece));
    if (further !== undefined && copy !== undefined) return [];
    const text = `On ${copy ?? from}, what lies behind ${formatCoordinates(end)} could not be used: ${defect}.`;
    if (further === undefined) return [torn && copy === undefined ? `${text} ${untold}` : text];
    const last = formatCoordinates(further.end);
    return [`${text} The copy on ${String(further.copy)} gave it up to ${last}; whether there was more is not known.`];
  });
  // A plan that was made again has fetched the same again.
  return [...new Set(sentences)];
}

const untold = 'A server with sync_binlog=1 has told no client that this transaction was committed.';

/** It begins where the other one ends, and has something. */
function isBehind({ start, end }: Rescued, other: Rescued): boolean {
  return compareCoordinates(start, other.end) === 0 && compareCoordinates(start, end) < 0;
}

function refusalOf(error: unknown): NonNullable<RunOutcome['refusal']> {
  if (error instanceof Fault)
    return { code: error.code, seen: error.message, matters: error.matters, next: error.next };
  const next = 'Run the command again; if it fails the same way, report it with the journal of this run.';
  return { code: 'BUG', seen: describeError(error), matters: 'The run could not go on.', next };
}
