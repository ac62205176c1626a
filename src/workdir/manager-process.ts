import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

/** Who has the pid that the status file names. `cannot-tell`: this system shows no process's command line. */
export type ManagerProcess = 'ours' | 'another-program' | 'gone' | 'cannot-tell';

const programs = new Set(['mha-ts', 'run.js']);
/** MHA's names, as they are installed and as their files are called. */
const oldPrograms = /^masterha_(?:manager|master_monitor)(?:\.js)?$/;
const watching = ['manager', 'monitor'];

/** Is this the command line of a manager? Node's own words (`node`, its flags) come before the program's file. */
export function isManagerCommand(words: readonly string[]): boolean {
  if (words.some((word) => oldPrograms.test(basename(word)))) return true;
  const program = words.findIndex((word) => programs.has(basename(word)));
  return program >= 0 && words.slice(program + 1).some((word) => watching.includes(word));
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** A pid is reused by the system, so its number alone says nothing: the command line is looked at. */
export async function identifyManager(pid: number): Promise<ManagerProcess> {
  if (!exists(pid)) return 'gone';
  const text = await readFile(`/proc/${String(pid)}/cmdline`, 'utf8').catch(() => undefined);
  if (text === undefined) return exists(pid) ? 'cannot-tell' : 'gone';
  // A zombie has an empty command line: it does nothing any more.
  if (text === '') return 'gone';
  return isManagerCommand(text.split('\0')) ? 'ours' : 'another-program';
}

/** Parent and process group from `/proc/PID/stat`; the name in parentheses may hold blanks and parentheses itself. */
export function parseParentAndGroup(stat: string): { readonly parent: number; readonly group: number } | undefined {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [, parent, group] = fields;
  return parent === undefined || group === undefined ? undefined : { parent: Number(parent), group: Number(group) };
}

/** Does anything still run that the manager with this pid started (its children, its process group)? */
export async function hasLeftovers(pid: number): Promise<boolean> {
  const names = await readdir('/proc').catch(() => []);
  for (const name of names) {
    if (!/^\d+$/.test(name) || Number(name) === pid) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    const family = stat === undefined ? undefined : parseParentAndGroup(stat);
    if (family !== undefined && (family.parent === pid || family.group === pid)) return true;
  }
  return false;
}
