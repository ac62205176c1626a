import type { Configuration } from '../config/load-configuration.js';
import { elect, type Elected } from '../failover/election.js';
import { lookForPurged } from '../failover/errant-contenders.js';
import { contendersOf } from '../failover/former.js';
import { type SwitchRequest, switchFacts, switchover, switchPlanOf } from '../failover/switchover.js';
import { hasAccountToFollow } from '../failover/old-source-account.js';
import { Fault } from '../model/fault.js';
import { type ServerState, stateOf } from '../model/picture.js';
import { clusterHooks } from '../hooks/cluster-hooks.js';
import type { Workdir } from '../ports/workdir.js';
import { openWorkdir } from '../workdir/open-workdir.js';
import { type HookCommands, type ServerId, settingsOf } from '../model/settings.js';
import { describeStatements, longUpdates, longWork } from '../failover/long-statements.js';
import { openDialogue } from './dialogue.js';
import { type Asking, askOnce, MhaQuestions } from './questions.js';
import { removeFromConfiguration } from './remove-from-configuration.js';
import { finishRun } from './finish-run.js';
import { openRun } from './open-run.js';
import { forced } from './forced.js';
import { openParts, type Parts } from './parts.js';
import { type Prepared, prepare } from './prepare.js';
import { shown } from './shown.js';
import { renderRun, type RenderOptions } from './render-run.js';
import { planLines, showPlan } from './show-plan.js';
import { settleUnfinishedRuns } from './unfinished.js';
import { abortOnSignals } from './signals.js';
import { describeSource } from './source-in-question.js';

export interface SwitchOptions {
  readonly configuration: Configuration;
  readonly newMaster?: string;
  readonly asking: Asking;
  readonly dryRun: boolean;
  /** MHA's --check_only: end after the checks. */
  readonly checkOnly: boolean;
  readonly limits: StatementLimits;
  readonly lock: boolean;
  /** `ask`: or do it, where nobody is asked. */
  readonly flushTables: 'never' | 'always' | 'ask';
  readonly removeFromConf: boolean;
  readonly endTransactions: boolean;
  readonly oldSourceStays: boolean;
  readonly maxLagSeconds: number;
  readonly ssh: boolean;
  readonly show: RenderOptions;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

/** Seconds that statements may have run for; undefined: as long as they like. */
export interface StatementLimits {
  readonly updates?: number;
  readonly anything?: number;
}

export interface CommandResult {
  readonly exit: number;
  readonly json: unknown;
}

export async function runSwitch(options: SwitchOptions): Promise<CommandResult> {
  const { settings } = options.configuration;
  // A name that means nobody, or several, is told before anybody is asked anything.
  const named = await forced(settings, options.newMaster);
  const parts = openParts(settings, options.say);
  const signals = abortOnSignals(options.say);
  const dialogue = openDialogue();
  try {
    const workdir = await openWorkdir({ path: settings.workdir, app: settings.app, wall: () => parts.clock.wall() });
    if (!options.dryRun) await settleUnfinishedRuns(parts, workdir, options.say);
    const { ssh, maxLagSeconds } = options;
    const prepared = await prepare(parts, 'switch', { ssh, maxLagSeconds, ...named });
    const loud = prepared.findings.filter(({ severity }) => severity !== 'note');
    for (const finding of loud) options.say(`${finding.severity}: ${finding.id}: ${finding.seen}`);
    const quiet = options.dryRun || options.checkOnly || options.asking !== 'as-mha';
    const questions = quiet ? undefined : new MhaQuestions(settings, dialogue, signals.signal);
    const request = await plan(options, parts, prepared, questions);
    if (options.dryRun) return dryRun(request, parts, options);
    if (options.checkOnly) return checked(request, options);
    if (options.asking === 'once') await askOnce(questionOf(request), signals.signal);
    if (hooksOf(parts, request.source.id).masterIpOnlineChange === undefined) await questions?.goOnWithoutScript();
    return await act(request, parts, workdir, options, signals.signal);
  } finally {
    signals.stop();
    dialogue.close();
    await parts.close();
  }
}

function hooksOf({ settings }: Parts, source: ServerId): HookCommands {
  return settingsOf(settings, source).hooks;
}

function withoutAccount(source: ServerId, next: ServerId): string {
  const seen = `warning: no password is known by which ${source} could follow ${next}: it will be left behind (exit code 10)`;
  return `${seen}. Set repl_user and repl_password, or leave it out: --no-orig-master-is-new-slave.`;
}

function questionOf({ source, elected }: SwitchRequest): string {
  return `Switch the source role from ${source.id} to ${elected.chosen.server} (${elected.why})?`;
}

function checked({ source, elected }: SwitchRequest, { print }: SwitchOptions): CommandResult {
  const [from, to] = [source.id, elected.chosen.server];
  print(`A switch from ${from} to ${to} (${elected.why}) could be done now. Nothing was touched.`);
  return { exit: 0, json: { checkOnly: true, from, to } };
}

const askMs = 5_000;

async function plan(
  options: SwitchOptions,
  parts: Parts,
  { evidence, source }: Prepared,
  questions: MhaQuestions | undefined,
): Promise<SwitchRequest> {
  const { settings, picture, verdict } = evidence;
  const state = stateOf(picture, source);
  if (state === undefined)
    throw new Fault('SOURCE_NOT_PROVEN_DEAD', { server: source, why: 'it does not answer; use failover' });
  const members = verdict.replicas;
  const all = contendersOf(picture, members, settings, state);
  const contenders = await lookForPurged(all, parts.servers, { deadlineMs: askMs });
  const flush =
    options.flushTables === 'ask' ? ((await questions?.flushTables(source)) ?? true) : options.flushTables === 'always';
  await mindStatements(parts, source, 'updates', options.limits);
  const follower = options.oldSourceStays ? state : undefined;
  const proposed = await chooseNext(options.newMaster, source, follower, contenders, parts);
  const named = await questions?.newSource(source, proposed.chosen.server);
  const elected =
    named === undefined || named === proposed.chosen.server
      ? proposed
      : await chooseNext(named, source, follower, contenders, parts);
  const { server: next, channel } = elected.chosen;
  // No refusal, as with MHA: only it should be known before, and not from the exit code.
  if (options.oldSourceStays && !hasAccountToFollow(state, settingsOf(settings, next), channel))
    options.say(withoutAccount(source, next));
  await mindStatements(parts, next, 'anything', options.limits);
  return {
    settings: parts.settings,
    source: describeSource(source, state),
    members,
    elected,
    picture,
    stopping: { lock: options.lock, flush },
    oldSourceStays: options.oldSourceStays,
    endTransactions: options.endTransactions,
  };
}

/** MHA's two limits. Throws STATEMENTS_RUNNING. */
async function mindStatements(
  { servers }: Parts,
  server: ServerId,
  kind: 'updates' | 'anything',
  limits: StatementLimits,
): Promise<void> {
  const limit = limits[kind];
  if (limit === undefined) return;
  const running = await servers.runningStatements(server, { deadlineMs: 5_000 });
  const long = kind === 'updates' ? longUpdates(running, limit) : longWork(running, limit);
  if (long.length === 0) return;
  const option = kind === 'updates' ? '--running-updates-limit' : '--running-seconds-limit';
  throw new Fault('STATEMENTS_RUNNING', { server, limit, statements: describeStatements(long), option });
}

async function chooseNext(
  newMaster: string | undefined,
  source: SwitchRequest['source']['id'],
  /** The old source, where it is to follow the new one. */
  follower: ServerState | undefined,
  contenders: ReturnType<typeof contendersOf>,
  { settings }: Parts,
): Promise<Elected> {
  const named = await forced(settings, newMaster);
  if (named.forced === source) throw new Fault('ALREADY_SOURCE', { server: source });
  const elected = elect(contenders, {
    ...named,
    excluded: new Map(),
    checkDelay: false,
    ...(follower === undefined ? {} : { alsoFollows: follower }),
  });
  if (elected.ok) return elected;
  const unfit = elected.unfit.map(({ server, why }) => `${server}: ${why}`).join('; ');
  throw new Fault('NOBODY_TO_PROMOTE', { why: elected.why, unfit });
}

function dryRun(
  request: SwitchRequest,
  { settings, servers, addresses }: Parts,
  { print }: SwitchOptions,
): CommandResult {
  const facts = switchFacts(request);
  const steps = showPlan(switchPlanOf(request), { settings, servers, addresses, source: request.source, facts });
  print(
    `Plan as of now: ${request.source.id} -> ${request.elected.chosen.server} (${request.elected.why}). Nothing is touched.`,
  );
  for (const line of planLines(steps)) print(line);
  return { exit: 0, json: { dryRun: true, from: request.source.id, to: request.elected.chosen.server, steps } };
}

async function act(
  request: SwitchRequest,
  parts: Parts,
  workdir: Workdir,
  options: SwitchOptions,
  signal: AbortSignal,
): Promise<CommandResult> {
  const { settings } = parts;
  const hooks = clusterHooks(settings, options.say);
  const run = await openRun(parts, workdir, hooks, { command: 'switch', source: request.source });
  const renderer = await renderRun(run.bus, { logLevel: settings.logLevel, ...options.show });
  run.bus.emit({
    kind: 'run-started',
    command: 'switch',
    title: `Switch from ${request.source.id} to ${request.elected.chosen.server}`,
  });
  const outcome = await shown(renderer, run.bus, () => switchover(request, run.ports, signal));
  const text = await finishRun(outcome, run, hooks, settings);
  if (options.show.json !== true) options.print(text);
  if (options.removeFromConf && outcome.exit === 0 && !options.oldSourceStays)
    await removeFromConfiguration(settings, request.source.id, options.say);
  return { exit: outcome.exit, json: { ...outcome, report: `${run.folder.path}/report.txt` } };
}
