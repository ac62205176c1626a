import type { SpokenConfiguration } from './base-command.js';
import { strangersOf } from '../failover/preflight/checks/surroundings.js';
import { clusterHooks } from '../hooks/cluster-hooks.js';
import { describeError, Fault } from '../model/fault.js';
import { stateOf } from '../model/picture.js';
import { type ServerId, settingsOf } from '../model/settings.js';
import type { Verdict } from '../monitor/evidence.js';
import type { WatchEnd } from '../monitor/watch.js';
import type { Workdir } from '../ports/workdir.js';
import { garbageCollector } from '../recovery/garbage.js';
import { createBus } from '../report/bus.js';
import { openWorkdir } from '../workdir/open-workdir.js';
import { mindBinlogServers } from './binlog-servers.js';
import { type Dialogue, openDialogue } from './dialogue.js';
import { actFailover } from './failover-act.js';
import { forced } from './forced.js';
import { shownWhile } from './hold-status.js';
import { failoverRequest } from './request-failover.js';
import { mindLastFailover, refusalBy } from './last-failover.js';
import { type ManagerLog, withManagerLog } from './manager-log.js';
import { openParts, type Parts } from './parts.js';
import { type Prepared, prepare } from './prepare.js';
import { renderNotes } from './render-notes.js';
import { prepareToRender, type RenderOptions } from './render-run.js';
import { MhaQuestions } from './questions.js';
import { removeFromConfiguration } from './remove-from-configuration.js';
import { rereadParts } from './reread-parts.js';
import type { FailoverChoices, MonitorChoices } from './run-flags.js';
import { abortOnSignals } from './signals.js';
import type { CommandResult } from './switch-run.js';
import { hasReturned } from './source-returned.js';
import { settleUnfinishedRuns } from './unfinished.js';
import { stillUnserved, unservedIn } from './unserved.js';
import { watchSource } from './watch-source.js';

export interface ManagerOptions extends MonitorChoices {
  readonly configuration: SpokenConfiguration;
  /** Left out: only the watch. */
  readonly failover?: FailoverChoices;
  readonly show: RenderOptions;
  readonly print: (text: string) => void;
}

/** MHA: one failed check and three failed connects. */
const missesForDeath = 4;
/** MHA: the source is dead, and nobody was to act. */
const sourceDeadExit = 20;

/** Checks, watches, fails over once (unless it is only to watch), ends. */
export async function runManager(options: ManagerOptions): Promise<CommandResult> {
  const { settings, said } = options.configuration;
  return withManagerLog(settings.logFile, said, Date.now, (log) => manage(options, log));
}

async function manage(options: ManagerOptions, log: ManagerLog): Promise<CommandResult> {
  const { settings } = options.configuration;
  const parts = openParts(settings, log.say);
  const signals = abortOnSignals(log.say);
  const workdir = await openWorkdir({ path: settings.workdir, app: settings.app, wall: () => parts.clock.wall() });
  const logged = log.file === undefined ? {} : { log: log.file };
  const show: RenderOptions = { ...options.show, ...logged, logLevel: settings.logLevel, asks: options.interactive };
  const manager = new Manager({ ...options, say: log.say, show }, parts, workdir);
  try {
    return await manager.run(signals.signal);
  } finally {
    signals.stop();
    manager.close();
    await workdir.clearStatus();
    await parts.close();
  }
}

type Ready = ManagerOptions & { readonly say: (text: string) => void };

class Manager {
  readonly #options: Ready;
  readonly #parts: Parts;
  readonly #workdir: Workdir;
  readonly #dialogue: Dialogue = openDialogue();

  constructor(options: Ready, parts: Parts, workdir: Workdir) {
    this.#options = options;
    this.#parts = parts;
    this.#workdir = workdir;
  }

  async run(signal: AbortSignal): Promise<CommandResult> {
    const { failover, say, waitOnMonitorErrorMs } = this.#options;
    const holding = { workdir: this.#workdir, clock: this.#parts.clock, say };
    const monitor = { code: 31, ms: waitOnMonitorErrorMs } as const;
    for (;;) {
      const watched = await shownWhile(monitor, holding, signal, () => this.#monitor(signal));
      if (watched.stopped) return stoppedBySignal;
      const { prepared, end } = watched;
      if (failover === undefined) return this.#tellDeath(prepared);
      const sourceHost = settingsOf(this.#parts.settings, prepared.source).hostname;
      const act = { code: 51, ms: failover.waitOnFailoverErrorMs, sourceHost } as const;
      const acted = await shownWhile(act, holding, signal, () => this.#act(prepared, end, failover, signal));
      if (acted !== 'source-returned') return acted;
      await this.#rest(prepared.source, signal);
      if (signal.aborted) return stoppedBySignal;
    }
  }

  close(): void {
    this.#dialogue.close();
  }

  async #monitor(signal: AbortSignal): Promise<Watched> {
    await this.#workdir.status(10);
    const prepared = await this.#prepare(signal).catch((error: unknown) => {
      if (signal.aborted) return undefined;
      throw error;
    });
    if (prepared === undefined || signal.aborted) return { stopped: true };
    const end = await this.#watch(prepared, signal);
    if (end.end === 'stopped') return { stopped: true };
    if (end.end === 'blocked') throw blocked(prepared.source, end.verdict);
    return { stopped: false, prepared, end };
  }

  /** MHA: status 30 for as long as an error of the monitor is shown, then everything starts over. */
  async #rest(source: ServerId, signal: AbortSignal): Promise<void> {
    const { say, waitOnMonitorErrorMs } = this.#options;
    await this.#workdir.status(30);
    const later = waitOnMonitorErrorMs === 0 ? '' : ` in ${String(waitOnMonitorErrorMs / 1000)} s`;
    say(`${source} answers again, and nothing was touched yet: the watch starts over${later}`);
    await this.#parts.clock.sleep(waitOnMonitorErrorMs, signal).catch(() => undefined);
  }

  /** In MHA's words, which its users' scripts read. */
  #tellDeath({ source }: Prepared): CommandResult {
    const { hostname, address, port } = settingsOf(this.#parts.settings, source);
    this.#options.print(`Master ${hostname} is dead!`);
    this.#options.print(`IP Address: ${address} Port: ${String(port)}`);
    return { exit: sourceDeadExit, json: { dead: source, hostname, address, port } };
  }

  async #prepare(signal: AbortSignal): Promise<Prepared> {
    const { say, ssh, maxLagSeconds, ignoreFailOnStart, interactive, failover } = this.#options;
    const named = await forced(this.#parts.settings, failover?.newMaster);
    await settleUnfinishedRuns(this.#parts, this.#workdir, say);
    const options = { ssh, maxLagSeconds, ignoreFailOnStart, ...named, signal };
    const prepared = await prepare(this.#parts, 'monitor', options);
    if (interactive && stateOf(prepared.evidence.picture, prepared.source) === undefined)
      await this.#questions(signal).startWithDeadSource();
    for (const { id, severity, server, seen } of prepared.findings) {
      if (severity === 'note') continue;
      say(`${severity}: ${id}${server === undefined ? '' : ` ${server}`}: ${seen}`);
    }
    // Said while there is time: at the death it would be the end.
    const { app } = this.#parts.settings;
    const refusal = failover && (await refusalBy(this.#workdir, app, failover.lastFailover));
    if (refusal !== undefined) say(`warning: as it is now a failover would be refused: ${describeError(refusal)}`);
    return prepared;
  }

  #questions(signal: AbortSignal, { settings }: Parts = this.#parts): MhaQuestions {
    return new MhaQuestions(settings, this.#dialogue, signal);
  }

  async #watch({ evidence, source }: Prepared, signal: AbortSignal): Promise<WatchEnd> {
    await prepareToRender(this.#options.show);
    const { clock, settings } = this.#parts;
    const server = settingsOf(settings, source);
    // Opened now, so that a failover finds the thread and its connections at work.
    const warming = this.#parts.recovery().warm();
    warming
      // A manager lives for years; what loading the program and the checks left behind need not stay with it.
      .then(() => garbageCollector()('major'))
      .catch((error: unknown) => {
        // A thread that is ended before it was warm has failed nobody.
        if (!signal.aborted) this.#options.say(`the recovery source: ${describeError(error)}`);
      });
    const bus = createBus(settings.app, 'watch', clock, (error) => this.#options.say(String(error)));
    renderNotes(bus, this.#options.show);
    const dataDir = stateOf(evidence.picture, source)?.dataDir;
    this.#options.say(`watching ${source} every ${String(server.pingIntervalMs / 1000)} s (${server.pingType})`);
    return watchSource(
      this.#parts,
      {
        source,
        replicas: evidence.verdict.replicas.map((replica) => replica.server),
        ...(dataDir === undefined ? {} : { dataDir }),
        intervalMs: server.pingIntervalMs,
        missesForDeath,
        events: bus,
        workdir: this.#workdir,
        log: this.#options.say,
      },
      signal,
    );
  }

  /** Until the status says that a failover runs (50), nothing has been touched. */
  async #act(
    prepared: Prepared,
    end: DeadEnd,
    choices: FailoverChoices,
    signal: AbortSignal,
  ): Promise<CommandResult | 'source-returned'> {
    const parts = await rereadParts(this.#parts, this.#options.configuration, prepared.source);
    try {
      return await this.#failover(parts, prepared, end, { choices, signal });
    } finally {
      if (parts !== this.#parts) await parts.close();
    }
  }

  async #failover(
    parts: Parts,
    prepared: Prepared,
    end: DeadEnd,
    { choices, signal }: { readonly choices: FailoverChoices; readonly signal: AbortSignal },
  ): Promise<CommandResult | 'source-returned'> {
    const { settings } = parts;
    const { source } = prepared;
    const questions = this.#options.interactive ? this.#questions(signal, parts) : undefined;
    await questions?.proceedWithDead(source);
    await mindLastFailover(this.#workdir, settings.app, choices.lastFailover);
    const known = { source, picture: prepared.evidence.picture };
    const terms =
      questions === undefined
        ? choices
        : { ...choices, approve: (chosen: ServerId) => questions.newSource(source, chosen) };
    const dead = settingsOf(settings, source);
    const [isBack, request, unserved] = await Promise.all([
      hasReturned(dead),
      failoverRequest(parts, known, end, terms),
      stillUnserved(parts, unservedIn(prepared.evidence)),
      mindBinlogServers(parts, choices.ignoreBinlogServerError),
    ]);
    if (isBack) return 'source-returned';
    signal.throwIfAborted();
    await this.#workdir.status(50, dead.hostname);
    const dataDir = end.remembered.state?.dataDir ?? stateOf(prepared.evidence.picture, source)?.dataDir;
    const acted = await actFailover(
      {
        parts,
        workdir: this.#workdir,
        hooks: clusterHooks(settings, this.#options.say),
        request: { ...request, unserved, strangers: strangersOf(prepared.evidence) },
        ...(dataDir === undefined ? {} : { dataDir }),
        ...(end.remembered.record === undefined ? {} : { record: end.remembered.record }),
        show: this.#options.show,
        print: this.#options.print,
      },
      signal,
    );
    if (choices.removeFromConf && acted.outcome.exit === 0)
      await removeFromConfiguration(settings, source, this.#options.say);
    return { exit: acted.outcome.exit, json: acted.json };
  }
}

const stoppedBySignal: CommandResult = { exit: 1, json: { ended: 'stopped by a signal; nothing was changed' } };

type DeadEnd = Extract<WatchEnd, { verdict: Verdict }>;

type Watched =
  { readonly stopped: true } | { readonly stopped: false; readonly prepared: Prepared; readonly end: DeadEnd };

function blocked(server: ServerId, verdict: Verdict): Fault {
  return new Fault('SOURCE_NOT_PROVEN_DEAD', { server, why: `${verdict.code}: ${verdict.lines.join('; ')}` });
}
