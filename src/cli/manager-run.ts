import type { Configuration } from '../config/load-configuration.js';
import { findServer } from '../config/find-server.js';
import { deriveTopology } from '../failover/preflight/topology.js';
import type { FailoverRequest } from '../failover/failover-request.js';
import { clusterHooks } from '../hooks/cluster-hooks.js';
import { Fault } from '../model/fault.js';
import { type Picture, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Verdict } from '../monitor/evidence.js';
import type { WatchEnd } from '../monitor/watch.js';
import type { Workdir } from '../ports/workdir.js';
import { garbageCollector } from '../recovery/garbage.js';
import { createBus } from '../report/bus.js';
import { openWorkdir } from '../workdir/open-workdir.js';
import { actFailover } from './failover-act.js';
import { type LastFailoverRule, mindLastFailover } from './last-failover.js';
import { openManagerLog } from './manager-log.js';
import { openParts, type Parts } from './parts.js';
import { type Prepared, prepare } from './prepare.js';
import { renderNotes } from './render-notes.js';
import { prepareToRender, type RenderOptions } from './render-run.js';
import { addressesOf } from './resolve.js';
import { abortOnSignals } from './signals.js';
import { describeSource, recallSource } from './source-in-question.js';
import type { CommandResult } from './switch-run.js';
import { settleUnfinishedRuns } from './unfinished.js';
import { settingsFor, watchSource } from './watch-source.js';

export interface ManagerOptions {
  readonly configuration: Configuration;
  readonly newMaster?: string;
  readonly ssh: boolean;
  readonly lastFailover: LastFailoverRule;
  /** False leaves what only the dead disk holds where it is: MHA's --skip_save_master_binlog. */
  readonly rescue: boolean;
  readonly show: RenderOptions;
  readonly print: (text: string) => void;
}

/** MHA: one failed check and three failed connects. */
const missesForDeath = 4;
const maxLagSeconds = 30;

/** Checks, watches, fails over once, ends. */
export async function runManager(options: ManagerOptions): Promise<CommandResult> {
  const { settings } = options.configuration;
  const log = await openManagerLog(settings.logFile, () => Date.now());
  const parts = openParts(settings, log.say);
  const signals = abortOnSignals(log.say);
  const workdir = await openWorkdir({ path: settings.workdir, app: settings.app, wall: () => parts.clock.wall() });
  try {
    const logged = log.file === undefined ? {} : { log: log.file };
    const show: RenderOptions = { ...options.show, ...logged, logLevel: settings.logLevel };
    const manager = new Manager({ ...options, say: log.say, show }, parts, workdir);
    return await manager.run(signals.signal);
  } finally {
    signals.stop();
    await workdir.clearStatus();
    await parts.close();
    await log.close();
  }
}

type Ready = ManagerOptions & { readonly say: (text: string) => void };

class Manager {
  readonly #options: Ready;
  readonly #parts: Parts;
  readonly #workdir: Workdir;

  constructor(options: Ready, parts: Parts, workdir: Workdir) {
    this.#options = options;
    this.#parts = parts;
    this.#workdir = workdir;
  }

  async run(signal: AbortSignal): Promise<CommandResult> {
    await this.#workdir.status(10);
    const prepared = await this.#prepare();
    const end = await this.#watch(prepared, signal);
    if (end.end === 'stopped') return { exit: 1, json: { ended: 'stopped by a signal; nothing was changed' } };
    if (end.end === 'blocked') throw blocked(prepared.source, end.verdict);
    return this.#failover(prepared, end, signal);
  }

  async #prepare(): Promise<Prepared> {
    const { say, ssh, newMaster } = this.#options;
    if (newMaster !== undefined) await findServer(this.#parts.settings, newMaster);
    await settleUnfinishedRuns(this.#parts, this.#workdir, say);
    const prepared = await prepare(this.#parts, 'monitor', { ssh, maxLagSeconds });
    for (const { id, severity, server, seen } of prepared.findings) {
      if (severity === 'note') continue;
      say(`${severity}: ${id}${server === undefined ? '' : ` ${server}`}: ${seen}`);
    }
    return prepared;
  }

  async #watch({ evidence, source }: Prepared, signal: AbortSignal): Promise<WatchEnd> {
    await prepareToRender(this.#options.show);
    const { clock, settings } = this.#parts;
    const server = settingsFor(settings, source);
    // Opened now, so that a failover finds the thread and its connections at work.
    const warming = this.#parts.recovery().warm();
    warming
      // A manager lives for years; what loading the program and the checks left behind need not stay with it.
      .then(() => garbageCollector()('major'))
      .catch((error: unknown) => this.#options.say(`the recovery source: ${String(error)}`));
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

  async #failover(
    prepared: Prepared,
    end: Extract<WatchEnd, { verdict: Verdict }>,
    signal: AbortSignal,
  ): Promise<CommandResult> {
    const { settings } = this.#parts;
    await this.#workdir.status(50, settingsFor(settings, prepared.source).hostname);
    await mindLastFailover(this.#workdir, settings.app, this.#options.lastFailover);
    const known = { source: prepared.source, picture: prepared.evidence.picture };
    const request = await failoverRequest(this.#parts, known, end, this.#options, unservedIn(prepared));
    const dataDir = end.remembered.state?.dataDir ?? stateOf(prepared.evidence.picture, prepared.source)?.dataDir;
    const acted = await actFailover(
      {
        parts: this.#parts,
        workdir: this.#workdir,
        hooks: clusterHooks(settings, this.#options.say),
        request,
        ...(dataDir === undefined ? {} : { dataDir }),
        ...(end.remembered.record === undefined ? {} : { record: end.remembered.record }),
        show: this.#options.show,
        print: this.#options.print,
      },
      signal,
    );
    return { exit: acted.outcome.exit, json: acted.json };
  }
}

/** Replicas that the start's checks found no way to: known now, they cost no attempt later. */
function unservedIn({ evidence }: Prepared): ReadonlyMap<ServerId, string> {
  const ways = evidence.ssh.flatMap(({ id, login, reverse }): (readonly [ServerId, string])[] => {
    const listens = evidence.settings.servers.some(
      (server) => server.id === id && server.recoveryListenAddress !== undefined,
    );
    const failed = [login, reverse].find(({ outcome }) => outcome === 'failed');
    return listens || failed === undefined ? [] : [[id, failed.message ?? 'no SSH tunnel']];
  });
  return new Map(ways);
}

function blocked(server: ServerId, verdict: Verdict): Fault {
  return new Fault('SOURCE_NOT_PROVEN_DEAD', { server, why: `${verdict.code}: ${verdict.lines.join('; ')}` });
}

/** The cluster as it is now, without the dead server: who follows it, and how they stand. */
export async function failoverRequest(
  parts: Parts,
  prepared: { readonly source: ServerId; readonly picture: Picture },
  { verdict: death, remembered }: Extract<WatchEnd, { verdict: Verdict }>,
  options: Pick<ManagerOptions, 'newMaster' | 'rescue'>,
  unserved: ReadonlyMap<ServerId, string> = new Map(),
): Promise<Omit<FailoverRequest, 'settings'>> {
  const { settings, servers, shells } = parts;
  const others = settings.servers.map(({ id }) => id).filter((id) => id !== prepared.source);
  const picture = await servers.observe(observeMs, others);
  const verdict = deriveTopology(settings, picture, await addressesOf(picture));
  if (verdict.source !== prepared.source) {
    const why = verdict.refusals.map(({ seen }) => seen).join('; ');
    throw new Fault('TOPOLOGY_CHANGED', { server: prepared.source, now: verdict.source ?? `not clear: ${why}` });
  }
  const state = remembered.state ?? stateOf(prepared.picture, prepared.source);
  const source =
    state === undefined
      ? await recallSource(prepared.source, verdict, picture, settings, shells.door(prepared.source))
      : describeSource(prepared.source, state);
  const forced = options.newMaster === undefined ? undefined : (await findServer(settings, options.newMaster)).id;
  return {
    source,
    members: verdict.replicas,
    unreachable: verdict.unreachable,
    unserved,
    picture,
    evidence: { code: death.code, lines: death.lines },
    fenceBy: death.fenceBy,
    ...(forced === undefined ? {} : { forced }),
    rescue: options.rescue,
  };
}

const observeMs = 5_000;
