import { describeError, Fault } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { Picture } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { FenceLook, FenceOutcome } from '../ports/fence.js';
import type { Session } from '../ports/servers.js';
import type { Contender } from './election.js';
import { Ground } from './ground.js';
import { contendersOf, formersOf } from './former.js';
import { planFreeze, planShutdown } from './freeze-plan.js';
import { noFacts, type RunPorts, settingsOf, type SourceInQuestion, type World } from './hand.js';
import { hands } from './hands.js';
import { leftBehind, type PlanResult, runPlan, undoSteps } from './interpreter.js';
import { takeFailoverLocks } from './locks.js';
import { newestFirst } from './newest.js';
import { outcomeOf, type Story } from './outcome.js';
import { type Member, type Step, stepId } from './plan.js';
import { removeAsideCommand } from './steps/relay-logs.js';
import { restoreFormer } from './steps/serve.js';
import { withoutUnsetHooks } from './unset-hooks.js';
import { untilOpened } from './until-opened.js';

export interface FailoverRequest {
  readonly settings: ClusterSettings;
  readonly source: SourceInQuestion;
  /** The replicas of the dead source, with the channel by which each follows it. */
  readonly members: readonly Member[];
  /** The replicas as they were seen when the members were derived, a moment ago. */
  readonly picture: Picture;
  readonly evidence: { readonly code: string; readonly lines: readonly string[] };
  /** What the health loop found to keep the source down: a shell on its host, the site's shutdown_script, or nothing. */
  readonly fenceBy: 'shell' | 'shutdown-script' | 'nobody';
  readonly forced?: ServerId;
  /** Servers of the configuration that did not answer, other than the source. */
  readonly unreachable: readonly ServerId[];
  /** Replicas to which no tunnel can be opened and that have no listen address, with the reason. */
  readonly unserved: ReadonlyMap<ServerId, string>;
  /** For the control run of the tests: leave what only the dead disk holds where it is. */
  readonly rescue: boolean;
}

const observeDeadlineMs = 5_000;
const lockSeconds = 1;
/** Milliseconds for which a look at the old source's machine stands. */
const freshMs = 1_000;
/** A host whose power was cut may take this long to fall silent. */
const powerMs = 10_000;
const powerLookMs = 500;
const bytesPerMebibyte = 1024 * 1024;

/**
 * A source has died: the six phases, from proof to report. Never throws for what happens to the cluster: that is the
 * outcome. Until the new source is opened, any trouble puts everything back.
 */
export async function failover(request: FailoverRequest, ports: RunPorts, signal: AbortSignal): Promise<RunOutcome> {
  const run = new Failover(request, ports, signal);
  return run.toEnd();
}

class Failover {
  readonly #request: FailoverRequest;
  readonly #ports: RunPorts;
  readonly #world: World;
  readonly #touched: Step[] = [];
  readonly #ground: Ground;
  /** Replicas whose receiver could not be stopped: their positions are not final. */
  readonly #unfrozen = new Set<ServerId>();
  readonly #story: Story;
  #locks: readonly Session[] = [];
  #frozen: Promise<FenceOutcome> | undefined;
  #seen: { readonly look: FenceLook; readonly at: number } | undefined;

  constructor(request: FailoverRequest, ports: RunPorts, signal: AbortSignal) {
    this.#request = request;
    this.#ports = ports;
    const facts = { ...noFacts(), sshReachable: request.fenceBy === 'shell' };
    this.#world = {
      ...ports,
      settings: request.settings,
      source: request.source,
      facts,
      progress: () => undefined,
      signal: untilOpened(signal, facts, () => {
        this.#note('warning', 'the new source is open already: finishing the run');
      }),
    };
    this.#story = {
      command: 'failover',
      settings: request.settings,
      run: ports.folder.id,
      source: request.source.id,
      members: request.members,
      unreachable: request.unreachable,
      evidence: request.evidence,
      facts,
      failures: [],
      warnings: [],
      losses: [],
      startedWall: ports.clock.wall(),
      unfit: [],
      next: [],
    };
    const { forced, rescue, unserved } = request;
    this.#ground = new Ground(
      { ...(forced === undefined ? {} : { forced }), rescue, unserved },
      this.#world,
      this.#story,
    );
  }

  /** Long transfers show how far they are, under the step that waits for them. */
  #tellProgress(): void {
    const { recovery, events } = this.#ports;
    recovery.onProgress(({ kind, server, bytes, transactions }) => {
      const step = kind === 'fetched' ? stepId('complete-tail', server) : stepId('reach-target', server);
      const phase = kind === 'fetched' ? 'save-binlog' : 'apply-saved-binlog';
      const count = transactions === 0 ? '' : `, ${String(transactions)} transactions`;
      const text = `${kind} ${(bytes / bytesPerMebibyte).toFixed(1)} MiB${count}`;
      events.emit({ kind: 'step-progress', phase, step, text, done: bytes });
    });
  }

  async toEnd(): Promise<RunOutcome> {
    this.#tellProgress();
    const { folder } = this.#ports;
    await folder.journal.append({ what: 'run', data: { command: 'failover', source: this.#request.source.id } });
    try {
      await this.#begin();
      await this.#freeze();
      await this.#recover();
    } catch (error) {
      await this.#aborted(error);
    }
    return this.#end();
  }

  /** Locks, the undo record on disk, and the old source's machine held down while the replicas freeze. */
  async #begin(): Promise<void> {
    const { servers, folder, recovery, fence, clock } = this.#ports;
    const { source, members } = this.#request;
    const opening = recovery.begin({
      id: source.id,
      serverId: source.serverId,
      ...(source.serverUuid === undefined ? {} : { serverUuid: source.serverUuid }),
      gtidMode: source.gtidMode,
      domainId: source.domainId,
      runDir: folder.path,
    });
    this.#story.before = this.#request.picture;
    const formers = formersOf(this.#request.picture, members);
    for (const former of formers) this.#world.facts.former.set(former.server, former);
    if (formers.length === 0)
      throw new Fault('NOBODY_TO_PROMOTE', {
        why: 'no replica answers',
        unfit: members.map(({ server }) => server).join(', '),
      });
    const record = `${JSON.stringify({ command: 'failover', source: source.id, formers }, undefined, 2)}\n`;
    // Before anything else: a second manager must neither stop a receiver nor touch the old source's host.
    const replicas = formers.map(({ server }) => server);
    this.#locks = await takeFailoverLocks(servers, replicas, lockSeconds, this.#world.signal);
    const started = clock.now();
    this.#frozen = fence.hold(this.#world.signal).then((held) => {
      const now = clock.now();
      this.#note('info', `fence: ${held.state} after ${String(Math.round(now - started))} ms`);
      if (held.look !== undefined) this.#seen = { look: held.look, at: now };
      return held;
    });
    // The outcome is read in #freeze; a rejection in between must not end the process.
    this.#frozen.catch(() => undefined);
    await Promise.all([folder.write('former-settings.json', record), opening]);
    await folder.journal.append({ what: 'saved-settings', data: { file: 'former-settings.json' } });
  }

  async #freeze(): Promise<void> {
    const members = this.#request.members.filter(({ server }) => this.#world.facts.former.has(server));
    const result = await this.#run(planFreeze(this.#request.source.id, members));
    this.#throwIfAborted(result);
    for (const server of leftBehind(result).keys()) this.#unfrozen.add(server);
    const first = await this.#frozen;
    if (first === undefined) return;
    const mustCut = first.state === 'failed' || (first.state !== 'down' && this.#request.fenceBy === 'shutdown-script');
    const held = mustCut ? await this.#cutPower(first) : first;
    this.#story.evidence = { ...this.#story.evidence, lines: [...this.#story.evidence.lines, ...held.lines] };
  }

  /** Our own means did not stop the source: the site's shutdown_script may, and is believed only after another look. */
  async #cutPower(before: FenceOutcome): Promise<FenceOutcome> {
    const { source, settings } = this.#request;
    const { clock, fence } = this.#ports;
    const refusal = ({ lines }: FenceOutcome): Fault =>
      new Fault('SOURCE_NOT_FENCED', { server: source.id, why: lines.join('; ') });
    if (settingsOf(settings, source.id).hooks.shutdown === undefined) throw refusal(before);
    this.#throwIfAborted(await this.#run(planShutdown(source.id)));
    // What was seen before is not so any more.
    this.#seen = undefined;
    const end = clock.now() + powerMs;
    for (;;) {
      const held = await fence.hold(this.#world.signal);
      if (held.state !== 'failed') return held;
      if (clock.now() >= end) throw refusal(held);
      await clock.sleep(powerLookMs, this.#world.signal);
    }
  }

  /** Observe, decide, act; when what the plan stood on turns out not to be so, once more. */
  async #recover(): Promise<void> {
    await this.#ground.lookAtDisk(this.#freshLook());
    const attempts = this.#request.members.length + 2;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const picture = await this.#ports.servers.observe(observeDeadlineMs, [...this.#world.facts.former.keys()]);
      const contenders = this.#contenders(picture);
      const { chosen, why } = this.#ground.elect(contenders);
      this.#world.facts.chosen = chosen.server;
      this.#story.whyChosen = why;
      const newest = newestFirst(contenders)[0];
      if (newest !== undefined) this.#world.facts.newest = newest.server;
      const { plan, sources } = this.#ground.plan(chosen, contenders);
      this.#ground.say(chosen, why, sources);
      const result = await this.#run(plan);
      if (result.ended === 'done' && this.#world.facts.opened !== undefined) return;
      // Never an end without a word, and without putting everything back.
      if (result.ended === 'done') throw new Error('bug: the plan came to its end and opened no new source');
      this.#throwIfAborted(result);
      await this.#ground.learn(result);
    }
    throw new Fault('NOBODY_TO_PROMOTE', { why: 'every plan failed', unfit: this.#ground.failures() });
  }

  /** What the fence saw a moment ago need not be asked again; it is looked at once more before anything is opened. */
  #freshLook(): FenceLook | undefined {
    const seen = this.#seen;
    return seen !== undefined && this.#ports.clock.now() - seen.at < freshMs ? seen.look : undefined;
  }

  #contenders(picture: Picture): readonly Contender[] {
    const all = contendersOf(picture, this.#request.members, this.#request.settings);
    return all.filter(({ server }) => !this.#unfrozen.has(server));
  }

  async #run(plan: Parameters<typeof runPlan>[0]): Promise<PlanResult> {
    const result = await runPlan(withoutUnsetHooks(plan, this.#request.settings), hands, this.#world);
    this.#touched.push(...result.touched);
    this.#story.failures.push(...result.failures);
    return result;
  }

  #throwIfAborted(result: PlanResult): void {
    if (result.ended !== 'abort') return;
    this.#world.signal.throwIfAborted();
    const first = result.failures.find(({ step }) => step.onFailure === 'abort');
    throw asError(first?.error ?? 'the run was aborted');
  }

  /** Before the point of no return everything goes back; after it the new source stays. */
  async #aborted(error: unknown): Promise<void> {
    this.#story.refusal = error;
    this.#note('error', describeError(error));
    if (this.#world.facts.opened !== undefined) return;
    const calm: World = { ...this.#world, signal: new AbortController().signal };
    const failures = await undoSteps(this.#touched, hands, calm);
    for (const failure of failures) {
      this.#story.warnings.push(`${failure.step.id} could not be undone: ${describeError(failure.error)}`);
    }
  }

  /** Whatever came of it: replicas left behind get their former settings back, and everything borrowed is given back. */
  async #end(): Promise<RunOutcome> {
    const { recovery, fence, servers, folder } = this.#ports;
    const { facts, settings } = this.#world;
    if (facts.opened !== undefined) await this.#restoreLeftBehind();
    await this.#quietly('closing the recovery source', () => recovery.end());
    await this.#quietly('removing the linked relay logs', () => this.#removeAside());
    await this.#quietly('releasing the fence', async () => {
      await this.#frozen;
      const left = await fence.release(facts.opened === undefined ? 'aborted' : 'promoted');
      this.#story.next.push(...left);
    });
    for (const session of this.#locks) session.close();
    const others = settings.servers.map(({ id }) => id).filter((id) => id !== this.#request.source.id);
    this.#story.after = await servers.observe(observeDeadlineMs, others);
    const outcome = outcomeOf(this.#story, this.#ports.clock.wall());
    await folder.journal.append({ what: 'end', data: { exit: outcome.exit } });
    return outcome;
  }

  async #restoreLeftBehind(): Promise<void> {
    const restored = new Set<ServerId>();
    const calm: World = { ...this.#world, signal: new AbortController().signal };
    for (const step of this.#touched) {
      if (step.do !== 'point-to-recovery' || step.server === this.#world.facts.opened?.server) continue;
      const former = this.#world.facts.former.get(step.server);
      if (this.#world.facts.following.has(step.server) || restored.has(step.server) || former === undefined) continue;
      restored.add(step.server);
      await this.#quietly(`restoring the settings of ${step.server}`, () => restoreFormer(step.channel, former, calm));
    }
  }

  async #removeAside(): Promise<void> {
    const { aside } = this.#world.facts;
    if (aside === undefined) return;
    await this.#ports.shells.door(aside.server).run(removeAsideCommand(aside.directory), { deadlineMs: 10_000 });
  }

  async #quietly(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#story.warnings.push(`${what}: ${describeError(error)}`);
      this.#note('warning', `${what}: ${describeError(error)}`);
    }
  }

  #note(level: 'info' | 'warning' | 'error', text: string): void {
    this.#ports.events.emit({ kind: 'note', level, text });
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
