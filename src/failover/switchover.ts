import { setMaxListeners } from 'node:events';
import { describeError } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { Channel, Picture } from '../model/picture.js';
import { stateOf } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { Session } from '../ports/servers.js';
import { mindChanges } from './changed-since.js';
import { isDelayed, movesReceiverAlone } from './delayed.js';
import type { Elected } from './election.js';
import { formersOf } from './former.js';
import { noFacts, type RunPorts, type SourceInQuestion, type World } from './hand.js';
import { hands } from './hands.js';
import { runPlan } from './interpreter.js';
import { takeFailoverLocks, takeMonitorLock } from './locks.js';
import { modeToFollow } from './mode-to-follow.js';
import { mutualChannel } from './mutual-channel.js';
import { outcomeOf, type Story } from './outcome.js';
import { leadByGtids } from './steps/held-gtids.js';
import type { Member, Plan } from './plan.js';
import type { PlanResult } from './plan-result.js';
import { recordEnd } from './record-end.js';
import { rollBack } from './roll-back.js';
import { type Follower, planSwitch, type StopWrites } from './switch-plan.js';
import { withoutUnsetHooks } from './unset-hooks.js';
import { untilOpened } from './until-opened.js';
import { watchWriteBlock } from './write-block.js';

export interface SwitchRequest {
  readonly settings: ClusterSettings;
  readonly source: SourceInQuestion;
  readonly members: readonly Member[];
  readonly elected: Elected;
  /** The cluster as preflight saw it. */
  readonly picture: Picture;
  readonly oldSourceStays: boolean;
  readonly endTransactions: boolean;
  readonly stopping?: StopWrites;
}

/** The plan of a switch from what preflight found; also what `--dry-run` prints. */
export function switchPlanOf(request: SwitchRequest): Plan {
  const { settings, source, members, elected, picture, oldSourceStays, stopping } = request;
  const chosen = { server: elected.chosen.server, channel: elected.chosen.channel.name };
  const delayed = new Map(
    formersOf(picture, members)
      .filter(isDelayed)
      .map((former) => [former.server, movesReceiverAlone(former) ? 'receiver-alone' : 'as-executed'] as const),
  );
  const others = members
    .filter(({ server }) => server !== chosen.server)
    .map((member): Follower => {
      const late = delayed.get(member.server);
      return late === undefined ? member : { ...member, delayed: late };
    });
  const movesAddress = settings.writerVip !== undefined;
  const how = stopping === undefined ? {} : { stopping };
  const mutual = mutualOf(request);
  const plan = planSwitch({
    source: source.id,
    chosen,
    others,
    oldSourceStays,
    movesAddress,
    ...(mutual === undefined ? {} : { mutual: mutual.name }),
    passesOn: passesOn(request),
    ...how,
  });
  return withoutUnsetHooks(plan, settings);
}

/** Where each follows the other: the old source's channel to the new one, unless somebody has stopped it. */
function mutualOf({ settings, source, elected, picture }: SwitchRequest): Channel | undefined {
  const next = settings.servers.find(({ id }) => id === elected.chosen.server);
  const channel = mutualChannel(stateOf(picture, source.id)?.channels ?? [], next);
  return channel?.receiver === 'stopped' && channel.applier === 'stopped' ? undefined : channel;
}

/** See `SwitchInput`. */
function passesOn({ settings, source, members, elected, picture }: SwitchRequest): boolean {
  if (stateOf(picture, source.id)?.logReplicaUpdates !== true) return false;
  const wish = (id: ServerId): boolean | undefined => settings.servers.find((one) => one.id === id)?.useGtidAutoPos;
  return formersOf(picture, members)
    .filter(({ server }) => server !== elected.chosen.server)
    .some((former) => modeToFollow(former, elected.chosen, wish(former.server)) === 'coordinates');
}

/** What hands may read before anything has run: the dry run shows statements from it. */
export function switchFacts(request: SwitchRequest): World['facts'] {
  const { members, elected, picture, endTransactions, oldSourceStays, source } = request;
  const facts = noFacts();
  for (const former of formersOf(picture, members)) facts.former.set(former.server, former);
  leadByGtids(facts);
  facts.chosen = elected.chosen.server;
  facts.endTransactions = endTransactions;
  facts.oldSourceStays = oldSourceStays;
  const state = stateOf(picture, source.id);
  facts.oldSourceWasReadOnly = state?.readOnly ?? false;
  facts.oldSourceChannels = state?.channels ?? [];
  return facts;
}

const observeDeadlineMs = 5_000;

/** Milliseconds from the first refused write to a level new source; longer ones are given up and rolled back. */
const writeBlockLimitMs = 3_000;

/**
 * A planned switch. Anything that fails before the new source is opened is rolled back: the old source is writable again and
 * the replicas are as they were.
 */
export async function switchover(request: SwitchRequest, ports: RunPorts, signal: AbortSignal): Promise<RunOutcome> {
  const { servers, folder, events, clock } = ports;
  const facts = switchFacts(request);
  const note = (level: 'info' | 'warning' | 'error', text: string): void => {
    events.emit({ kind: 'note', level, text });
  };
  const finishing = (): void => note('warning', 'the new source is open already: finishing the switch');
  const block = watchWriteBlock(clock, writeBlockLimitMs);
  const ending = AbortSignal.any([block.signal, untilOpened(signal, facts, finishing)]);
  // All replicas are asked at once under it, as in a failover.
  setMaxListeners(0, ending);
  const world: World = {
    ...ports,
    settings: request.settings,
    source: request.source,
    facts,
    progress: () => undefined,
    signal: ending,
    writeBlock: block,
  };
  const story = storyOf(request, ports, facts);
  let locks: readonly Session[] = [];
  let result: PlanResult | undefined;
  await folder.journal.append({ what: 'run', data: { command: 'switch', source: request.source.id } });
  try {
    const replicas = request.members.map(({ server }) => server);
    locks = [await takeMonitorLock(servers, request.source.id, world.signal)];
    locks = [...locks, ...(await takeFailoverLocks(servers, replicas, 0, world.signal))];
    await mindChanges({ before: request.picture, members: request.members, source: request.source.id }, servers);
    const sourceReadOnly = facts.oldSourceWasReadOnly;
    const following = mutualOf(request);
    const record = {
      command: 'switch',
      source: request.source.id,
      sourceReadOnly,
      ...(following === undefined ? {} : { following }),
      sourceFollowed: facts.oldSourceChannels.map(({ sourceHost: host, sourcePort: port }) => ({ host, port })),
      formers: [...facts.former.values()],
    };
    await folder.write('former-settings.json', `${JSON.stringify(record, undefined, 2)}\n`);
    await folder.journal.append({ what: 'saved-settings', data: { file: 'former-settings.json' } });
    result = await runPlan(switchPlanOf(request), hands, world);
    story.failures.push(...result.failures);
    if (result.ended !== 'done') throw reasonOf(result, world);
  } catch (error) {
    story.refusal = error;
    note('error', describeError(error));
    block.end();
    if (facts.opened === undefined && result !== undefined) await rollBack(result.touched, world, story);
  }
  facts.lock?.close();
  for (const session of locks) session.close();
  story.after = await servers.observe(observeDeadlineMs);
  return recordEnd(outcomeOf(story, clock.wall()), folder.journal);
}

function storyOf(request: SwitchRequest, { folder, clock }: RunPorts, facts: World['facts']): Story {
  return {
    command: 'switch',
    settings: request.settings,
    run: folder.id,
    source: request.source.id,
    members: request.members,
    unreachable: [],
    evidence: { code: '', lines: [] },
    facts,
    failures: [],
    warnings: [],
    losses: [],
    next: [],
    strays: [],
    startedWall: clock.wall(),
    unfit: request.elected.unfit,
    whyChosen: request.elected.why,
    before: request.picture,
  };
}

function reasonOf(result: PlanResult, world: World): unknown {
  const first = result.failures.find(({ step }) => step.onFailure === 'abort');
  return first?.error ?? world.signal.reason ?? new Error('the switch was aborted');
}
