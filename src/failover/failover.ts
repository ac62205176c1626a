import { describeError, Fault, isFault } from '../model/fault.js';
import type { RunOutcome } from '../model/outcome.js';
import type { Picture } from '../model/picture.js';
import { type ServerId, settingsOf } from '../model/settings.js';
import type { FenceOutcome } from '../ports/fence.js';
import type { Session } from '../ports/servers.js';
import { lookAtAftermath } from './aftermath.js';
import { beginRescue } from './begin-rescue.js';
import { giveBack, removeAside } from './borrowed.js';
import { mindChanges } from './changed-since.js';
import type { Contender, Elected } from './election.js';
import { type FailoverRequest, storyOf } from './failover-request.js';
import { FencedSource } from './fenced-source.js';
import { Ground } from './ground.js';
import { errantContenders, lookForPurged } from './errant-contenders.js';
import { contendersOf, formersOf } from './former.js';
import { planFreeze, planShutdown } from './freeze-plan.js';
import { noFacts, type RunPorts, type World } from './hand.js';
import { hands } from './hands.js';
import { runPlan } from './interpreter.js';
import { leftOver, leftWords } from './left-over.js';
import { lockThoseThatAnswer } from './locks.js';
import { perhapsOpen } from './may-open.js';
import { newestFirst } from './newest.js';
import { preparedOn } from './prepared-state.js';
import { outcomeOf, type Story } from './outcome.js';
import type { Member, Plan, Step } from './plan.js';
import { leftBehind, type PlanResult } from './plan-result.js';
import { recordEnd } from './record-end.js';
import { tellTransfers } from './transfer-progress.js';
import { undoSteps } from './undo.js';
import { withoutUnsetHooks } from './unset-hooks.js';
import { untilOpened } from './until-opened.js';

const observeDeadlineMs = 5_000;
const lockSeconds = 1;

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
  readonly #fenced: FencedSource;
  /** Replicas whose receiver could not be stopped: their positions are not final. */
  readonly #unfrozen = new Set<ServerId>();
  readonly #story: Story;
  #locks: readonly Session[] = [];
  /** What may have opened the new source, and could not be taken back. */
  #perhapsOpen: Step | undefined;
  /** Replicas that could not be put back. */
  #left: readonly ServerId[] = [];

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
    this.#story = storyOf(request, ports, facts);
    this.#fenced = new FencedSource({ ...ports, note: (level, text) => this.#note(level, text) });
    const { forced, wishes, unserved } = request;
    this.#ground = new Ground(
      { ...(forced === undefined ? {} : { forced }), wishes, unserved },
      this.#world,
      this.#story,
    );
  }

  async toEnd(): Promise<RunOutcome> {
    const { folder, recovery, events } = this.#ports;
    const copies = new Set(this.#request.settings.binlogServers.map(({ id }) => id));
    tellTransfers(recovery, events, copies, this.#request.source.id);
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
    const { folder } = this.#ports;
    const { source, members } = this.#request;
    const opening = this.#beginRescue();
    // It may fail long before the locks are had and somebody waits for it; unheard, that would end the process.
    opening.catch(() => undefined);
    this.#story.before = this.#request.picture;
    const answered = formersOf(this.#request.picture, members);
    // Before anything else: a second manager must neither stop a receiver nor touch the old source's host.
    const replicas = answered.map(({ server }) => server);
    const locks = await lockThoseThatAnswer(this.#ports.servers, replicas, lockSeconds, this.#world.signal);
    this.#locks = locks.sessions;
    // Whatever took the source may have taken a replica with it: the others go on without that one.
    const formers = answered.filter(({ server }) => !locks.silent.has(server));
    for (const [server, error] of locks.silent)
      this.#note('warning', `going on without ${server}: ${describeError(error)}`);
    for (const former of formers) this.#world.facts.former.set(former.server, former);
    if (formers.length === 0)
      throw new Fault('NOBODY_TO_PROMOTE', {
        why: 'no replica answers',
        unfit: members.map(({ server }) => server).join(', '),
      });
    await mindChanges({ before: this.#request.picture, members: this.#ownMembers() }, this.#ports.servers);
    const record = `${JSON.stringify({ command: 'failover', source: source.id, formers }, undefined, 2)}\n`;
    this.#story.untouched = false;
    this.#fenced.hold(this.#world.signal);
    this.#ground.lookForCopies();
    await Promise.all([folder.write('former-settings.json', record), opening]);
    await folder.journal.append({ what: 'saved-settings', data: { file: 'former-settings.json' } });
  }

  /**
   * Where no recovery thread can be started, what only the dead disk holds cannot be fetched, though it is there: nothing has been touched
   * yet, and giving it up is for a person to say.
   */
  async #beginRescue(): Promise<void> {
    try {
      await beginRescue(this.#world);
    } catch (error) {
      if (!isFault(error) || this.#request.wishes.rescue) throw error;
      this.#note('warning', `going on without the recovery source: ${describeError(error)}`);
    }
  }

  /** Those under our lock. */
  #ownMembers(): readonly Member[] {
    return this.#request.members.filter(({ server }) => this.#world.facts.former.has(server));
  }

  async #freeze(): Promise<void> {
    const members = this.#ownMembers();
    const { settings, source, fenceBy } = this.#request;
    const movesAddress = settings.writerVip !== undefined && fenceBy === 'shell';
    const result = await this.#run(planFreeze(source.id, members, movesAddress));
    this.#throwIfAborted(result);
    for (const server of leftBehind(result).keys()) this.#unfrozen.add(server);
    const first = await this.#fenced.outcome();
    if (first === undefined) return;
    const mustCut = first.state === 'failed' || (first.state !== 'down' && this.#request.fenceBy === 'shutdown-script');
    const held = mustCut ? await this.#cutPower(first) : first;
    this.#story.evidence = { ...this.#story.evidence, lines: [...this.#story.evidence.lines, ...held.lines] };
  }

  /** Our own means did not stop the source: the site's shutdown_script may, and is believed only after another look. */
  async #cutPower(before: FenceOutcome): Promise<FenceOutcome> {
    const { source, settings } = this.#request;
    const refusal = ({ lines }: FenceOutcome): Fault =>
      new Fault('SOURCE_NOT_FENCED', { server: source.id, why: lines.join('; ') });
    if (settingsOf(settings, source.id).hooks.shutdown === undefined) throw refusal(before);
    const readable = this.#world.facts.sshReachable && this.#request.wishes.rescue && source.binlogBase !== undefined;
    const save = readable ? (settings.requireCompleteRescue ? 'must' : 'try') : 'no';
    this.#throwIfAborted(await this.#run(planShutdown(source.id, save)));
    const held = await this.#fenced.afterPowerCut(this.#world.signal);
    if (held.state === 'failed') throw refusal(held);
    return held;
  }

  /** Observe, decide, act; when what the plan stood on turns out not to be so, once more. */
  async #recover(): Promise<void> {
    await this.#ground.lookAtLog(this.#fenced.freshLook());
    const attempts = this.#request.members.length + 2;
    for (let attempt = 0; attempt < attempts; attempt++) {
      const picture = await this.#ports.servers.observe(observeDeadlineMs, [...this.#world.facts.former.keys()]);
      const contenders = await this.#contenders(picture);
      if (attempt === 0) this.#story.warnings.push(...errantContenders(contenders));
      const { chosen, why } = await this.#choose(contenders);
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

  async #choose(contenders: readonly Contender[]): Promise<Elected> {
    const elected = this.#ground.elect(contenders);
    const approved = await this.#request.approve?.(elected.chosen.server);
    if (approved === undefined || approved === elected.chosen.server) return elected;
    return this.#ground.elect(contenders, approved);
  }

  #contenders(picture: Picture): Promise<readonly Contender[]> {
    const { members, settings, source } = this.#request;
    const all = contendersOf(picture, members, settings, source.past);
    const frozen = all.filter(({ server }) => !this.#unfrozen.has(server));
    return lookForPurged(frozen, this.#ports.servers, { deadlineMs: observeDeadlineMs, signal: this.#world.signal });
  }

  async #run(plan: Plan): Promise<PlanResult> {
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
    this.#perhapsOpen = perhapsOpen(failures);
    if (this.#perhapsOpen === undefined) {
      this.#left = leftOver(failures, this.#ownMembers());
      this.#story.next.push(...leftWords(this.#left));
      return;
    }
    const [opened, old] = [this.#perhapsOpen.server, this.#request.source.id];
    this.#story.next.push(
      `look at ${opened} at once: it may take writes, and could not be closed again; ${old} is left down: do not start it while ${opened} takes writes`,
    );
  }

  /** Whatever came of it: replicas left behind get their former settings back, and everything borrowed is given back. */
  async #end(): Promise<RunOutcome> {
    const { recovery, servers, folder } = this.#ports;
    const { facts } = this.#world;
    const quietly = this.#quietly.bind(this);
    await giveBack(this.#touched, this.#world, quietly);
    await quietly('closing the recovery source', () => recovery.end());
    if (facts.opened !== undefined) this.#story.warnings.push(...(await preparedOn(facts.opened.server, servers)));
    await removeAside(this.#world, quietly);
    await quietly('releasing the fence', async () => {
      const isGivenUp = facts.opened === undefined && this.#perhapsOpen === undefined;
      this.#story.next.push(...(await this.#fenced.release(isGivenUp ? 'aborted' : 'promoted')));
    });
    // Under the locks still: another manager may be opening a server that this look would close.
    await lookAtAftermath(this.#story, servers);
    for (const session of this.#locks) session.close();
    const outcome = outcomeOf(this.#story, this.#ports.clock.wall());
    // Not at its end as long as somebody may be open: the next command would begin another failover beside that one.
    return this.#perhapsOpen === undefined ? recordEnd(outcome, folder.journal, this.#left) : outcome;
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
