import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describeError, Fault } from '../model/fault.js';
import { runCommand, tryCommand } from './command.js';
import { hostEnvironment } from './host-environment.js';
import type { HostPlan, Lab, LabHost, SpawnSettings } from './lab.js';
import { hostScript, labScript } from './namespace-script.js';
import { keptVisible, privateFolders } from './places.js';
import { childrenOf, processesBeside, signalPid } from './proc.js';

/** Root alone is not enough (containers take the right away, kernels come without a bridge), so it is tried. */
export async function namespacesAllowed(): Promise<boolean> {
  const trial =
    'mount -t proc proc /proc && ip link add name br0 type bridge && ip link add name v0 type veth peer name v1';
  const attempt = await tryCommand(['unshare', '-n', '-m', '-p', '-u', '--fork', 'sh', '-c', trial]);
  return attempt.code === 0;
}

/**
 * A lab of namespaces: its own network with a bridge, in which every host has network, mount, process and name
 * namespaces of its own. Hosts are nested below the lab's first process, so its end is the end of them all.
 */
export async function openNamespaceLab(onStarted: (pid: number) => void): Promise<Lab> {
  const { child, init } = await startInit(
    ['unshare', '-n', '-p', '--fork', '--kill-child', 'sh', '-c', labScript],
    {},
    'start the lab',
  );
  onStarted(init);
  const wrappers = new Set<ChildProcess>();
  return {
    kind: 'namespaces',
    boot: (plan) => bootHost(init, plan, wrappers),
    close: () => endInit(child, init, wrappers),
  };
}

async function bootHost(lab: number, plan: HostPlan, all: Set<ChildProcess>): Promise<LabHost> {
  const unshare = ['unshare', '-n', '-m', '-p', '-u', '--fork', '--kill-child', 'sh', '-c', hostScript];
  const argv = ['nsenter', '--target', String(lab), '--net', '--pid', ...unshare];
  const env = {
    LAB: String(lab),
    NAME: plan.name,
    ADDRESS: plan.address,
    FOLDER: plan.folder,
    PRIVATE: privateFolders.join(' '),
    VISIBLE: keptVisible().join(' '),
  };
  const { child, init } = await startInit(argv, env, `boot ${plan.name}`);
  const wrappers = new Set<ChildProcess>();
  return {
    ...plan,
    home: `${plan.folder}/private/root`,
    tie: [],
    spawn: (words, settings = {}) => {
      const started = spawnInside(init, words, settings);
      for (const set of [wrappers, all]) remember(set, started);
      return started;
    },
    processes: () => processesBeside(init),
    inNetwork: (words, input = '') => runCommand(['nsenter', '--target', String(init), '--net', ...words], { input }),
    end: () => endInit(child, init, wrappers),
  };
}

/** Starts a script as process 1 of new namespaces and reads its process number, the sign that it is ready. */
async function startInit(
  argv: readonly string[],
  env: Readonly<Record<string, string>>,
  what: string,
): Promise<{ readonly child: ChildProcess; readonly init: number }> {
  // setpriv: the wrapper dies with us; the lab itself also sees its input end. Two ropes, since a lab that is left
  // behind would hold its servers' ports and disk for ever.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: hostEnvironment('/root', {})['PATH'], ...env },
  });
  let complaint = '';
  child.stderr.on('data', (piece: Buffer) => (complaint += String(piece)));
  child.stdin.on('error', () => undefined);
  const gone = once(child, 'exit').then(() => '', describeError);
  const line = once(createInterface(child.stdout), 'line', { signal: AbortSignal.timeout(15_000) }).then(
    ([text]) => String(text),
    () => '',
  );
  const answer = await Promise.race([line, gone]);
  if (/^\d+$/.test(answer)) return { child, init: Number(answer) };
  child.kill('SIGKILL');
  throw new Fault('SANDBOX_FAILED', { what, message: complaint.trim() || answer || 'it ended without a word' });
}

function remember(set: Set<ChildProcess>, child: ChildProcess): void {
  set.add(child);
  child.once('exit', () => set.delete(child));
}

async function endInit(child: ChildProcess, init: number, wrappers: ReadonlySet<ChildProcess>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  signalPid(init, 'SIGKILL');
  // nsenter stops itself when its program is stopped, and then nobody reaps that program: a namespace does not end
  // before all its processes are reaped (pid_namespaces(7)).
  for (const { pid } of wrappers) if (pid !== undefined) signalPid(pid, 'SIGCONT');
  await gone;
}

function spawnInside(init: number, argv: readonly string[], settings: SpawnSettings): ChildProcess {
  const enter = ['--target', String(init), '--net', '--mount', '--pid', '--uts'];
  // Entering the mount namespace forgets the working directory, so it is set inside.
  const words = settings.cwd === undefined ? argv : ['sh', '-c', 'cd "$0" && exec "$@"', settings.cwd, ...argv];
  const child = spawn('nsenter', [...enter, '--', ...words], {
    stdio: settings.stdio ?? 'pipe',
    env: hostEnvironment('/root', settings),
  });
  // nsenter waits for the program it started and passes no signals on; a signal is meant for the program.
  const toWrapper = child.kill.bind(child);
  child.kill = (signal?: NodeJS.Signals | number): boolean => {
    const inner = childrenOf(child.pid ?? 0)[0];
    if (inner === undefined) return toWrapper(signal);
    const isSent = process.kill(inner, signal ?? 'SIGTERM');
    // It has stopped itself together with its program, and would never tell of that one's end.
    if (signal === 'SIGCONT') toWrapper(signal);
    return isSent;
  };
  return child;
}
