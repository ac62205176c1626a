import type { Clock } from '../ports/clock.js';
import { childrenOf, identifyManager, leftoversOf } from './manager-process.js';
import { type ManagerStatus, readStatus } from './read-status.js';

export interface StopRequest {
  readonly workdir: string;
  readonly app: string;
  /** Stop even a running failover, and kill what does not end in time. */
  readonly abort: boolean;
  readonly timeoutMs: number;
}

export interface StopOutcome {
  readonly exit: 0 | 1;
  readonly text: string;
}

const pollMs = 100;

type StopSignal = 'SIGTERM' | 'SIGSTOP' | 'SIGKILL';

function send(pid: number, name: StopSignal): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // ESRCH: it ended by itself between the look and the signal, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPERM';
}

/** Signals the pid only after a fresh look: the number may have been given to another program meanwhile. */
async function signal(pid: number, name: StopSignal): Promise<void> {
  if ((await identifyManager(pid)) === 'ours') send(pid, name);
}

/**
 * MHA kills the manager's process group, and with it the script that it was running. Ours run in groups of their own: they are
 * looked for while the manager stands still and can start no other one. What a script left behind as a daemon stays.
 */
async function killWithScripts(pid: number): Promise<void> {
  await signal(pid, 'SIGSTOP');
  const children = await childrenOf(pid);
  await signal(pid, 'SIGKILL');
  for (const child of children) send(child.group === child.pid ? -child.pid : child.pid, 'SIGKILL');
}

async function waitGone(pid: number, timeoutMs: number, clock: Clock): Promise<boolean> {
  const end = clock.now() + timeoutMs;
  while ((await identifyManager(pid)) === 'ours') {
    if (clock.now() >= end) return false;
    await clock.sleep(pollMs);
  }
  return true;
}

/** What it left running may be in the middle of moving an address: whether that is to be ended is for a person to say. */
async function endedAlready(app: string, pid: number): Promise<string> {
  const text = `${app}: its manager (pid:${String(pid)}) has ended already.`;
  const left = await leftoversOf(pid);
  return left.length === 0 ? text : `${text} What it had started still runs (pid:${left.join(', ')}); look at it.`;
}

async function refusal(status: ManagerStatus, abort: boolean): Promise<StopOutcome | undefined> {
  const { app, pid } = status;
  if (status.code === 2 || pid === undefined)
    return { exit: 0, text: `MHA Manager is not running on ${app}(2:NOT_RUNNING).` };
  const who = await identifyManager(pid);
  if (who === 'gone') return { exit: 0, text: await endedAlready(app, pid) };
  if (who !== 'ours') {
    return { exit: 1, text: `${app}: pid ${String(pid)} cannot be shown to be its manager; nothing was signalled.` };
  }
  if (status.code === 50 && !abort) {
    return {
      exit: 1,
      text: `Currently Failover is running on ${app}. Should not stop. End it nevertheless with --abort.`,
    };
  }
  return undefined;
}

/** What `mha-ts stop` does: MHA's rules, on the one process that the status file names and that is proven ours. */
export async function stopManager(request: StopRequest, clock: Clock): Promise<StopOutcome> {
  const { app, abort } = request;
  const status = await readStatus({ ...request, pingLimitMs: Number.POSITIVE_INFINITY, wall: () => clock.wall() });
  const refused = await refusal(status, abort);
  if (refused !== undefined || status.pid === undefined) return refused ?? { exit: 0, text: `${app} is not running.` };
  const { pid } = status;
  try {
    await signal(pid, 'SIGTERM');
  } catch (error) {
    if (!isForbidden(error)) throw error;
    const text = `${app} (pid:${String(pid)}) belongs to another user and may not be signalled; say it as that user or as root.`;
    return { exit: 1, text };
  }
  if (await waitGone(pid, request.timeoutMs, clock)) return { exit: 0, text: `Stopped ${app} successfully.` };
  if (!abort) return { exit: 1, text: `${app} (pid:${String(pid)}) did not end in time; end it with --abort.` };
  await killWithScripts(pid);
  if (await waitGone(pid, request.timeoutMs, clock)) return { exit: 0, text: `Killed ${app} (pid:${String(pid)}).` };
  return { exit: 1, text: `${app} (pid:${String(pid)}) does not end even when killed.` };
}
