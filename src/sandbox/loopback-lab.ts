import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { Fault } from '../model/fault.js';
import { hostEnvironment } from './host-environment.js';
import type { HostPlan, Lab, LabHost, SpawnSettings } from './lab.js';
import { makeFolder } from './places.js';
import { descendantsOf, isAlive, type ProcessStamp, signalStamped, stampOf } from './proc.js';
import { makePrivilegeFolder } from './sshd.js';
import { until } from './wait.js';

/**
 * Hosts without namespaces: processes of the present user on loopback addresses (all of 127/8 is this machine on
 * Linux). They share the machine's files and process list, and links between them cannot be cut.
 */
export function openLoopbackLab(onStarted: (pid: number) => void): Lab {
  const hosts: LabHost[] = [];
  return {
    kind: 'loopback',
    boot: async (plan) => {
      const host = await bootHost(plan, onStarted);
      hosts.push(host);
      return host;
    },
    close: async () => {
      await Promise.all(hosts.map((host) => host.end()));
    },
  };
}

/** The kernel ends a process when its parent ends, however that happens (prctl(2), PR_SET_PDEATHSIG). */
const tie: readonly string[] = ['setpriv', '--pdeathsig', 'KILL'];

async function bootHost(plan: HostPlan, onStarted: (pid: number) => void): Promise<LabHost> {
  const home = await makeFolder(join(plan.folder, 'private', 'root'));
  await makePrivilegeFolder();
  const started: ProcessStamp[] = [];
  const processes = (): readonly number[] => started.filter(isAlive).flatMap(({ pid }) => [pid, ...descendantsOf(pid)]);
  return {
    ...plan,
    home,
    tie,
    spawn: (argv, settings = {}) => {
      const child = spawnTied(argv, home, settings);
      const stamp = stampOf(child.pid ?? 0);
      if (stamp !== undefined) {
        started.push(stamp);
        onStarted(stamp.pid);
      }
      return child;
    },
    processes,
    inNetwork: () => {
      const message = 'it has no network of its own here; that needs root and namespaces';
      return Promise.reject(new Fault('SANDBOX_FAILED', { what: `change the network of ${plan.name}`, message }));
    },
    end: async () => {
      const stamps = processes().flatMap((pid) => stampOf(pid) ?? []);
      for (const stamp of stamps) signalStamped(stamp, 'SIGKILL');
      await until(() => !stamps.some(isAlive), { what: `end ${plan.name}`, deadlineMs: 10_000 });
    },
  };
}

function spawnTied(argv: readonly string[], home: string, settings: SpawnSettings): ChildProcess {
  const [program = '', ...args] = [...tie, ...argv];
  return spawn(program, args, {
    stdio: settings.stdio ?? 'pipe',
    env: hostEnvironment(home, settings),
    ...(settings.cwd === undefined ? {} : { cwd: settings.cwd }),
  });
}
