import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * A process as it cannot be mistaken for a later one with the same number: pid and start time in clock ticks since boot.
 */
export interface ProcessStamp {
  readonly pid: number;
  readonly started: string;
}

/** The stamp of a living process; undefined when there is none (or only a zombie). */
export function stampOf(pid: number): ProcessStamp | undefined {
  const fields = statFields(pid);
  const started = fields?.[19];
  return fields === undefined || started === undefined || fields[0] === 'Z' ? undefined : { pid, started };
}

export function isAlive(stamp: ProcessStamp): boolean {
  return stampOf(stamp.pid)?.started === stamp.started;
}

/** Sends a signal to exactly that process. False when it is gone already. */
export function signalStamped(stamp: ProcessStamp, signal: NodeJS.Signals): boolean {
  return isAlive(stamp) && signalPid(stamp.pid, signal);
}

export function signalPid(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** Children of a process, in this machine's numbering. */
export function childrenOf(pid: number): readonly number[] {
  const text = read(`/proc/${String(pid)}/task/${String(pid)}/children`) ?? '';
  return text.split(' ').filter(Boolean).map(Number);
}

/** All processes that share a PID namespace with `init`, without `init` itself. */
export function processesBeside(init: number): readonly number[] {
  const namespace = pidNamespace(init);
  if (namespace === undefined) return [];
  return allPids().filter((pid) => pid !== init && pidNamespace(pid) === namespace);
}

/** A process and everything below it, in this machine's numbering. */
export function descendantsOf(pid: number): readonly number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

export function commandName(pid: number): string {
  return (read(`/proc/${String(pid)}/comm`) ?? '').trim();
}

/** Its words on the command line; none when it is gone. */
export function argumentsOf(pid: number): readonly string[] {
  return (read(`/proc/${String(pid)}/cmdline`) ?? '').split('\0');
}

/** `R`, `S`, `T` (stopped), `Z` ... of proc(5); undefined when the process is gone. */
export function stateOf(pid: number): string | undefined {
  return statFields(pid)?.[0];
}

/**
 * Gone, or a zombie that only waits to be reaped. A killed process is a zombie as soon as its first thread has ended; the
 * others may still hold its sockets open.
 */
export function hasEnded(pid: number): boolean {
  const state = stateOf(pid);
  return state === undefined || (state === 'Z' && threadsOf(pid) <= 1);
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${String(pid)}/task`).length;
  } catch {
    return 0; // gone between listing and looking
  }
}

export function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function pidNamespace(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${String(pid)}/ns/pid`);
  } catch {
    return undefined; // gone between listing and looking
  }
}

/** Fields of /proc/PID/stat from the state on. The name before it may hold blanks and brackets, so cut at the last one. */
function statFields(pid: number): readonly string[] | undefined {
  const text = read(`/proc/${String(pid)}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined; // gone between listing and looking
  }
}
