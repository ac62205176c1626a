import type { SpokenConfiguration } from './base-command.js';
import { findServer } from '../config/find-server.js';
import { deadline } from '../failover/deadline.js';
import { electForFailover } from '../failover/election.js';
import { lookForPurged } from '../failover/errant-contenders.js';
import { contendersOf, formersOf } from '../failover/former.js';
import { planFreeze } from '../failover/freeze-plan.js';
import { withoutUnsetHooks } from '../failover/unset-hooks.js';
import type { FailoverRequest } from '../failover/failover-request.js';
import { type Former, noFacts } from '../failover/hand.js';
import { newestFirst } from '../failover/newest.js';
import { deriveTopology } from '../failover/preflight/topology.js';
import { planRecovery } from '../failover/recovery-plan.js';
import { type DeadLog, deadLog, inOrderOfUse } from '../failover/source-logs.js';
import { lookForCopies, noCopies } from '../failover/copies.js';
import { unsupportedServer } from '../failover/preflight/topology-refusals.js';
import { clusterHooks } from '../hooks/cluster-hooks.js';
import { describeError, Fault } from '../model/fault.js';
import { stateOf } from '../model/picture.js';
import { type ServerId, settingsOf } from '../model/settings.js';
import type { WatchEnd } from '../monitor/watch.js';
import type { Workdir } from '../ports/workdir.js';
import { createBus } from '../report/bus.js';
import { openWorkdir } from '../workdir/open-workdir.js';
import { actFailover } from './failover-act.js';
import { mindBinlogServers } from './binlog-servers.js';
import { openDialogue } from './dialogue.js';
import { forced } from './forced.js';
import { shownWhile } from './hold-status.js';
import { type FailoverTerms, failoverRequest, mindOtherSource } from './request-failover.js';
import { mindLastFailover } from './last-failover.js';
import { withManagerLog } from './manager-log.js';
import { fenceFor } from './open-run.js';
import { openParts, type Parts } from './parts.js';
import { preflightRefused } from './prepare.js';
import { type Asking, askOnce, MhaQuestions } from './questions.js';
import { removeFromConfiguration } from './remove-from-configuration.js';
import { renderNotes } from './render-notes.js';
import type { RenderOptions } from './render-run.js';
import { addressesOf } from './resolve.js';
import type { FailoverChoices } from './run-flags.js';
import { planLines, showPlan } from './show-plan.js';
import { abortOnSignals } from './signals.js';
import { describeSource, recallSource } from './source-in-question.js';
import type { CommandResult } from './switch-run.js';
import { settleUnfinishedRuns } from './unfinished.js';
import { watchSource } from './watch-source.js';

export interface FailoverOptions extends FailoverChoices {
  readonly configuration: SpokenConfiguration;
  readonly deadHost: string;
  /** MHA's --dead_master_ip: to be compared with the configuration. */
  readonly deadAddress?: string;
  readonly asking: Asking;
  readonly dryRun: boolean;
  readonly show: RenderOptions;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

const observeMs = 5_000;
/** By hand somebody has looked already: two failed checks, a second apart, with everybody's evidence. */
const missesForDeath = 2;
const intervalMs = 1_000;
/** How long the death may take to become certain. */
const proofMs = 60_000;

/** A failover by hand, with the same proof, the same plan and the same report as the manager's. */
export async function runFailover(given: FailoverOptions): Promise<CommandResult> {
  // As MHA: what nobody watches goes to manager_log, too.
  const unwatched = given.asking === 'never' && !given.dryRun;
  const { settings, said } = given.configuration;
  return withManagerLog(unwatched ? settings.logFile : undefined, said, Date.now, (log) => {
    const asks = given.asking === 'as-mha';
    const show = { ...given.show, asks, ...(log.file === undefined ? {} : { log: log.file }) };
    return failOver({ ...given, show, say: log.file === undefined ? given.say : log.say });
  });
}

async function failOver(options: FailoverOptions): Promise<CommandResult> {
  // Names that mean nobody, or several, are told before anybody is asked anything.
  const dead = await findDead(options);
  await forced(options.configuration.settings, options.newMaster);
  const parts = openParts(options.configuration.settings, options.say);
  const signals = abortOnSignals(options.say);
  const dialogue = openDialogue();
  try {
    const { settings, clock } = parts;
    const workdir = await openWorkdir({ path: settings.workdir, app: settings.app, wall: () => clock.wall() });
    if (!options.dryRun) await settleUnfinishedRuns(parts, workdir, options.say);
    const seen = await lookAt(parts, dead);
    if (options.dryRun) return await dryRun(parts, dead, seen, options);
    if (seen.state !== undefined) throw new Fault('SOURCE_ALIVE', { server: dead, sign: 'it answers' });
    const questions = new MhaQuestions(settings, dialogue, signals.signal);
    if (options.asking === 'once') await askOnce(`${dead} is dead. Fail over?`, signals.signal);
    if (options.asking === 'as-mha') await questions.proceedWithDead(dead);
    const approve = (chosen: ServerId): Promise<ServerId> => questions.newSource(dead, chosen);
    const terms = options.asking === 'as-mha' ? { ...options, approve } : options;
    const sourceHost = settingsOf(settings, dead).hostname;
    const held = { code: 51, ms: options.asking === 'never' ? options.waitOnFailoverErrorMs : 0, sourceHost } as const;
    return await shownWhile(held, { workdir, clock, say: options.say }, signals.signal, () =>
      act(parts, workdir, dead, seen, terms, signals.signal),
    ).finally(() => (held.ms === 0 ? undefined : workdir.clearStatus()));
  } finally {
    signals.stop();
    dialogue.close();
    await parts.close();
  }
}

async function findDead({ configuration, deadHost, deadAddress }: FailoverOptions): Promise<ServerId> {
  const { settings } = configuration;
  const { id, address } = await findServer(settings, deadHost);
  if (deadAddress === undefined || deadAddress === address) return id;
  const known = settings.servers.map((server) => `${server.id} (${server.address})`);
  throw new Fault('SERVER_UNKNOWN', { name: `${deadHost} (${deadAddress})`, known });
}

interface Seen {
  readonly picture: FailoverRequest['picture'];
  readonly verdict: ReturnType<typeof deriveTopology>;
  readonly state: ReturnType<typeof stateOf>;
}

async function lookAt({ settings, servers }: Parts, dead: ServerId): Promise<Seen> {
  const picture = await servers.observe(observeMs);
  const verdict = deriveTopology(settings, picture, await addressesOf(picture));
  const foreign = verdict.refusals.filter(({ id }) => id === unsupportedServer);
  if (foreign.length > 0) throw preflightRefused(foreign);
  if (verdict.source === undefined) throw preflightRefused(verdict.refusals);
  if (verdict.source !== dead) throw new Fault('NOT_THE_SOURCE', { server: dead, source: verdict.source });
  mindOtherSource(dead, verdict, picture, settings);
  return { picture, verdict, state: stateOf(picture, dead) };
}

async function act(
  parts: Parts,
  workdir: Workdir,
  dead: ServerId,
  seen: Seen,
  options: FailoverOptions & Pick<FailoverTerms, 'approve'>,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { settings } = parts;
  await mindLastFailover(workdir, settings.app, options.lastFailover);
  await mindBinlogServers(parts, options.ignoreBinlogServerError);
  // A thread that has died is begun anew by the run, which ends where that cannot be done either.
  const warming = parts
    .recovery()
    .warm()
    .catch((error: unknown) => options.say(`warning: the recovery source: ${describeError(error)}`));
  const end = await prove(parts, dead, seen, options, signal);
  await warming;
  const prepared = { source: dead, picture: seen.picture };
  const request = await failoverRequest(parts, prepared, end, options);
  const acted = await actFailover(
    { parts, workdir, hooks: clusterHooks(settings, options.say), request, show: options.show, print: options.print },
    signal,
  );
  if (options.removeFromConf && acted.outcome.exit === 0) await removeFromConfiguration(settings, dead, options.say);
  return { exit: acted.outcome.exit, json: acted.json };
}

/** The health loop's own judgement: what it would not call dead is not failed over by hand either. */
async function prove(
  parts: Parts,
  dead: ServerId,
  { verdict }: Seen,
  options: FailoverOptions,
  signal: AbortSignal,
): Promise<Extract<WatchEnd, { end: 'dead' | 'blocked' }>> {
  const bus = createBus(parts.settings.app, 'proof', parts.clock, (error) => options.say(String(error)));
  renderNotes(bus, { logLevel: parts.settings.logLevel, ...options.show });
  const limit = deadline(signal, proofMs, 'the proof');
  const end = await watchSource(
    parts,
    {
      source: dead,
      replicas: verdict.replicas.map(({ server }) => server),
      intervalMs,
      missesForDeath,
      events: bus,
      workdir: { status: () => Promise.resolve() },
      log: options.say,
    },
    limit.signal,
  );
  limit.met();
  signal.throwIfAborted();
  if (end.end === 'dead') return end;
  const why =
    end.end === 'stopped'
      ? `no proof within ${String(proofMs / 1000)} s`
      : `${end.verdict.code}: ${end.verdict.lines.join('; ')}`;
  throw new Fault('SOURCE_NOT_PROVEN_DEAD', { server: dead, why });
}

/** The plan as of now. It is final only after the freeze, when no receiver runs any more. */
async function dryRun(parts: Parts, dead: ServerId, seen: Seen, options: FailoverOptions): Promise<CommandResult> {
  const { settings, servers, shells, addresses } = parts;
  const { picture, verdict, state } = seen;
  const source =
    state === undefined
      ? await recallSource(dead, verdict, picture, settings, shells.door(dead))
      : describeSource(dead, state);
  const facts = noFacts();
  for (const former of formersOf(picture, verdict.replicas)) facts.former.set(former.server, former);
  const contenders = await lookForPurged(contendersOf(picture, verdict.replicas, settings, source.past), servers, {
    deadlineMs: observeMs,
  });
  const named = await forced(settings, options.newMaster);
  const elected = electForFailover(contenders, { ...named, excluded: new Map(), unserved: new Map(), held: new Map() });
  if (!elected.ok) {
    const unfit = elected.unfit.map(({ server, why }) => `${server}: ${why}`).join('; ');
    throw new Fault('NOBODY_TO_PROMOTE', { why: elected.why, unfit });
  }
  facts.chosen = elected.chosen.server;
  const newest = newestFirst(contenders)[0];
  if (newest !== undefined) facts.newest = newest.server;
  const log = await logOf(parts, source, facts.former.values(), options.wishes.rescue, state?.dataDir);
  const completeFirst = settings.requireCompleteRescue;
  const recovery = planRecovery({
    source: dead,
    chosen: elected.chosen,
    contenders,
    log,
    completeFirst,
    unserved: new Set(),
    relayUnfit: new Set(),
    movesAddress: settings.writerVip !== undefined,
    wishes: options.wishes,
  });
  const sight = { settings, servers, addresses, source, facts };
  const freeze = planFreeze(dead, verdict.replicas, settings.writerVip !== undefined);
  const plans = [freeze, recovery.plan];
  const steps = plans.flatMap((plan) => showPlan(withoutUnsetHooks(plan, settings), sight));
  options.print(`Plan as of now: ${dead} -> ${elected.chosen.server} (${elected.why}). Nothing is touched.`);
  options.print('It is final only after the freeze: positions may still move until the receivers are stopped.');
  for (const line of planLines(steps)) options.print(line);
  return { exit: 0, json: { dryRun: true, from: dead, to: elected.chosen.server, sources: recovery.sources, steps } };
}

async function logOf(
  parts: Parts,
  source: FailoverRequest['source'],
  formers: Iterable<Former>,
  readsDisk: boolean,
  dataDir: string | undefined,
): Promise<DeadLog> {
  const { settings } = parts;
  const fence = fenceFor(parts, { source, ...(dataDir === undefined ? {} : { dataDir }) });
  const limit = AbortSignal.timeout(observeMs);
  const copies =
    settings.binlogServers.length === 0
      ? noCopies
      : lookForCopies(source, formers, settings.binlogServers, parts.recovery(), limit).all;
  const [look, { found }] = await Promise.all([readsDisk ? fence.look(limit) : undefined, copies]);
  const { id: host, binlogBase } = source;
  const end = look?.newestBinlog;
  const disk = end === undefined || binlogBase === undefined ? undefined : { host, binlogBase, end };
  const why = readsDisk ? 'its binary logs cannot be read over SSH' : 'rescue was switched off';
  return deadLog(inOrderOfUse(disk, found), why);
}
