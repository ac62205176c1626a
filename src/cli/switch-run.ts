import type { Configuration } from '../config/load-configuration.js';
import { findServer } from '../config/find-server.js';
import { elect, type Elected } from '../failover/election.js';
import { contendersOf } from '../failover/former.js';
import { type SwitchRequest, switchFacts, switchover, switchPlanOf } from '../failover/switchover.js';
import { Fault } from '../model/fault.js';
import { type ServerState, stateOf } from '../model/picture.js';
import { clusterHooks } from '../hooks/cluster-hooks.js';
import type { Workdir } from '../ports/workdir.js';
import { openWorkdir } from '../workdir/open-workdir.js';
import { confirm } from './confirm.js';
import { finishRun } from './finish-run.js';
import { openRun } from './open-run.js';
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
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly endTransactions: boolean;
  readonly oldSourceStays: boolean;
  readonly maxLagSeconds: number;
  readonly ssh: boolean;
  readonly show: RenderOptions;
  readonly say: (text: string) => void;
  readonly print: (text: string) => void;
}

export interface CommandResult {
  readonly exit: number;
  readonly json: unknown;
}

export async function runSwitch(options: SwitchOptions): Promise<CommandResult> {
  const { settings } = options.configuration;
  // A name that means nobody, or several, is told before anybody is asked anything.
  if (options.newMaster !== undefined) await findServer(settings, options.newMaster);
  const parts = openParts(settings, options.say);
  const signals = abortOnSignals(options.say);
  try {
    const workdir = await openWorkdir({ path: settings.workdir, app: settings.app, wall: () => parts.clock.wall() });
    if (!options.dryRun) await settleUnfinishedRuns(parts, workdir, options.say);
    const prepared = await prepare(parts, 'switch', { ssh: options.ssh, maxLagSeconds: options.maxLagSeconds });
    const loud = prepared.findings.filter(({ severity }) => severity !== 'note');
    for (const finding of loud) options.say(`${finding.severity}: ${finding.id}: ${finding.seen}`);
    const request = await plan(options, parts, prepared);
    const chosen = request.elected.chosen.server;
    if (options.dryRun) return dryRun(request, parts, options);
    const question = `Switch the source role from ${request.source.id} to ${chosen} (${request.elected.why})?`;
    if (!options.yes && !(await confirm(question, signals.signal))) throw new Fault('DECLINED', {});
    return await act(request, parts, workdir, options, signals.signal);
  } finally {
    signals.stop();
    await parts.close();
  }
}

async function plan(options: SwitchOptions, parts: Parts, { evidence, source }: Prepared): Promise<SwitchRequest> {
  const { settings, picture, verdict } = evidence;
  const state = stateOf(picture, source);
  if (state === undefined)
    throw new Fault('SOURCE_NOT_PROVEN_DEAD', { server: source, why: 'it does not answer; use failover' });
  const members = verdict.replicas;
  return {
    settings: parts.settings,
    source: describeSource(source, state),
    members,
    elected: await chooseNext(options, source, state, contendersOf(picture, members, settings), parts),
    picture,
    oldSourceStays: options.oldSourceStays,
    endTransactions: options.endTransactions,
  };
}

async function chooseNext(
  { newMaster, oldSourceStays }: SwitchOptions,
  source: SwitchRequest['source']['id'],
  state: ServerState,
  contenders: ReturnType<typeof contendersOf>,
  { settings }: Parts,
): Promise<Elected> {
  const forced = newMaster === undefined ? undefined : (await findServer(settings, newMaster)).id;
  if (forced === source) throw new Fault('ALREADY_SOURCE', { server: source });
  const elected = elect(contenders, {
    ...(forced === undefined ? {} : { forced }),
    excluded: new Map(),
    checkDelay: false,
    ...(oldSourceStays ? { alsoFollows: state } : {}),
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
  const text = await finishRun(outcome, run, hooks);
  if (options.show.json !== true) options.print(text);
  return { exit: outcome.exit, json: { ...outcome, report: `${run.folder.path}/report.txt` } };
}
