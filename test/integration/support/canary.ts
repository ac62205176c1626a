import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { canary } from '../../../src/sandbox/accounts.js';
import type { Cluster } from '../../../src/sandbox/cluster.js';

/**
 * Looks for passwords where none may be: while it runs, in the arguments and environment of every process of every
 * host; at the end, in the files of the manager's work directory and of every host's own folders (/root, /var/tmp, /run),
 * and in the outputs it is given.
 */
export interface CanaryWatch {
  /** Whether a password was seen so far. */
  seen(): boolean;
  /** Ends the watch; one line for each place where a password was seen, without the password. */
  stop(...outputs: readonly string[]): readonly string[];
}

/** What a process shows changes as it executes another program, and that is soon after it began. */
const looksAtEach = 50;

export function watchForCanary(cluster: Cluster, everyMs = 20): CanaryWatch {
  const found = new Set<string>();
  const names = [...cluster.hosts.map((host) => host.name), 'manager'];
  const isOurs = (pid: number): boolean => names.some((name) => cluster.processesOf(name).includes(pid));
  let looks = new Map<number, number>();
  const look = (): void => {
    const seen = looks;
    looks = new Map();
    for (const pid of processes()) {
      const times = seen.get(pid) ?? 0;
      looks.set(pid, times + 1);
      if (times >= looksAtEach) continue;
      for (const place of ['cmdline', 'environ']) {
        const text = read(`/proc/${String(pid)}/${place}`);
        if (text.includes(canary) && isOurs(pid)) found.add(`${place} of ${nameOf(pid) || programOf(text)}`);
      }
    }
  };
  const timer = setInterval(look, everyMs);
  return {
    seen: () => found.size > 0,
    stop: (...outputs) => {
      clearInterval(timer);
      looks.clear();
      look();
      const folders = [cluster.workdir, ...names.map((name) => join(cluster.folder, name, 'private'))];
      for (const file of folders.flatMap(filesBelow)) if (read(file).includes(canary)) found.add(`file ${file}`);
      for (const [index, text] of outputs.entries())
        if (text.includes(canary)) found.add(`output ${String(index + 1)}`);
      return [...found];
    },
  };
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function nameOf(pid: number): string {
  return read(`/proc/${String(pid)}/comm`).trim();
}

/** Of a process that ended before its name was read: the program or script that its words begin with. */
function programOf(commandLine: string): string {
  const [program = '', script = ''] = commandLine.split('\0');
  return basename(script.startsWith('/') ? script : program);
}

function filesBelow(folder: string): readonly string[] {
  if (!existsSync(folder)) return []; // on loopback addresses hosts have no folders of their own
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return ''; // the process ended between listing and looking
  }
}
