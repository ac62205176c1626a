import { isReachedAt } from './address.js';
import type { HostProcess, HostReport } from './host-report.js';
import type { ServerPlace } from './host-script.js';
import { isGone, isSafe, isServer, isStopped, optionOf } from './server-process.js';

/** What the source's own host says of the source. */
export interface HostSight {
  /** `running`: something holds its port or data directory. `cannot-tell` is never taken for `none`. */
  readonly process: 'none' | 'running' | 'cannot-tell';
  /** The servers that hold the port or the data directory. */
  readonly holders: readonly HostProcess[];
  readonly lines: readonly string[];
  /** With `cannot-tell`: every server there has run since long before ours went away, so none is ours started again. */
  readonly onlyElders?: true;
}

/** A server that was seen to be the source while it answered. */
export interface KnownServer {
  readonly pid: number;
  readonly startTime: string;
}

interface Context {
  readonly report: HostReport;
  readonly place: ServerPlace;
  readonly ours: ReadonlySet<string>;
  readonly known: KnownServer | undefined;
}

/** Does the command line name this directory? `unsaid` when it leaves that to an option file. */
function namedDataDir(process: HostProcess, dataDir: string): 'ours' | 'another' | 'unsaid' {
  const clean = (path: string): string => path.replace(/\/+$/, '');
  const named = optionOf(process, 'datadir');
  if (named === undefined) return 'unsaid';
  return clean(named) === clean(dataDir) ? 'ours' : 'another';
}

function holds(process: HostProcess, { place, ours, known }: Context): string | undefined {
  if (!isServer(process) || isGone(process)) return undefined;
  if (known?.pid === process.pid && known.startTime === process.startTime) return 'is the process that was the source';
  if (process.cwd === 'data') return 'holds the data directory';
  if (process.sockets.some((inode) => ours.has(inode))) return `listens on port ${String(place.port)}`;
  // Before a starting server has changed into its directory, only its command line tells.
  const named = place.dataDir === undefined ? 'unsaid' : namedDataDir(process, place.dataDir);
  return named === 'ours' ? 'was started for the data directory' : undefined;
}

/** A server changes into its data directory right after its start; until then its working directory says nothing. */
const settledSeconds = 5;

/** Another server on the same host must be shown to be another one; otherwise nobody can say that ours is gone. */
function isShownToBeAnother(process: HostProcess, { report, place }: Context): boolean {
  if (isGone(process)) return true;
  if (process.elsewhere === true) return true;
  if (place.dataDir !== undefined && report.dataDirThere) {
    const isSettled =
      ageSeconds(report, process) >= settledSeconds || namedDataDir(process, place.dataDir) === 'another';
    return process.cwd === 'other' && isSettled;
  }
  const port = optionOf(process, 'port');
  return port !== undefined && Number(port) !== place.port;
}

/** Longer than four missed checks take at any usual interval. */
const elderSeconds = 120;

function areOnlyElders({ report }: Context): boolean {
  const servers = report.processes.filter((process) => isServer(process) && !isGone(process));
  if (!report.processesVisible || !report.socketsVisible) return false;
  return servers.every((process) => ageSeconds(report, process) >= elderSeconds);
}

/** proc(5) counts start times in ticks of a hundredth of a second since boot. */
function ageSeconds(report: HostReport, process: HostProcess): number {
  return report.uptimeSeconds - Number(process.startTime) / 100;
}

function doubts(context: Context): readonly string[] {
  const { report, ours } = context;
  if (!report.processesVisible) return ['the SSH user may not see other users’ processes'];
  if (!report.socketsVisible) return ['the listening sockets cannot be read'];
  const others = report.processes.filter((process) => isServer(process) && holds(process, context) === undefined);
  const unproven = others.filter((process) => !isShownToBeAnother(process, context));
  const proven = new Set(others.filter((process) => !unproven.includes(process)).flatMap(({ sockets }) => sockets));
  const elsewhere = report.listeners.filter(({ inode }) => !ours.has(inode) && !proven.has(inode));
  return [
    ...unproven.map(({ pid, name }) => `${name} (pid ${String(pid)}) may be it: its data directory cannot be seen`),
    ...elsewhere.map(({ address }) => `something listens on ${address} with the same port`),
  ];
}

function describe(process: HostProcess, reason: string): string {
  const stopped = isStopped(process) ? ', stopped by a signal' : process.state === 'D' ? ', waiting for its disk' : '';
  return `${process.name} (pid ${String(process.pid)}${stopped}) ${reason}`;
}

function contextOf(report: HostReport, place: ServerPlace, known: KnownServer | undefined): Context {
  const listening = report.listeners.filter(({ address }) => isReachedAt(address, place.address));
  return { report, place, known, ours: new Set(listening.map(({ inode }) => inode)) };
}

/** Judges the host's description: who holds the port or the data directory. Pure. */
export function judgeHost(report: HostReport, place: ServerPlace, known?: KnownServer): HostSight {
  const context = contextOf(report, place, known);
  const { ours } = context;
  const holders = report.processes.filter((process) => holds(process, context) !== undefined);
  const lines = holders.map((process) => describe(process, holds(process, context) ?? ''));
  if (holders.length > 0) return { process: 'running', holders, lines };
  if (ours.size > 0) {
    const owner = report.processes.find(({ sockets }) => sockets.some((inode) => ours.has(inode)));
    const who = owner === undefined ? 'an unknown process' : `${owner.name} (pid ${String(owner.pid)})`;
    return {
      process: 'running',
      holders,
      lines: [`port ${String(place.port)} is held by ${who}, not a database server`],
    };
  }
  const why = doubts(context);
  const elders = areOnlyElders(context) ? { onlyElders: true as const } : {};
  if (why.length > 0) return { process: 'cannot-tell', holders, lines: why, ...elders };
  const what = place.dataDir === undefined ? 'the port' : 'the port or the data directory';
  return { process: 'none', holders, lines: [`no process holds ${what}`] };
}

/** The process's ancestors, nearest first, as far as the report shows them. */
export function ancestors(report: HostReport, process: HostProcess): readonly HostProcess[] {
  const parent = report.processes.find(({ pid }) => pid === process.parent);
  return parent === undefined || parent.pid === process.pid ? [] : [parent, ...ancestors(report, parent)];
}

/**
 * The systemd unit that runs the server. A server started by hand inherits the unit of the shell it came from (that
 * of the SSH server!), so the unit's main process must be the server itself or its restarting script.
 */
export function unitOf(report: HostReport, process: HostProcess): string | undefined {
  const own = [process, ...ancestors(report, process).filter(isSafe)];
  return own.map(({ pid }) => report.units.get(pid)).find((unit) => unit !== undefined);
}
