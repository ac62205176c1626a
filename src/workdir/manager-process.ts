import { readdir, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { managerMark } from '../model/manager-mark.js';

/** Who has the pid that the status file names. `cannot-tell`: this system shows no process's command line. */
export type ManagerProcess = 'ours' | 'another-program' | 'gone' | 'cannot-tell';

const programs = new Set(['mha-ts', 'run.js']);
/** MHA's names, as they are installed and as their files are called. */
const oldPrograms = /^masterha_(?:manager|master_monitor)(?:\.js)?$/;
/** A failover by hand keeps a status too: 51, for --wait_on_failover_error. */
const keepingStatus = ['manager', 'monitor', 'failover'];
const oldSwitch = /^masterha_master_switch(?:\.js)?$/;

/**
 * Is this the command line of a manager, or of whoever else keeps a status? Node's own words (`node`, its flags) come before
 * the program's file.
 */
export function isManagerCommand(words: readonly string[]): boolean {
  if (words.some((word) => oldPrograms.test(basename(word)))) return true;
  const isOldSwitch = words.some((word) => oldSwitch.test(basename(word)));
  if (isOldSwitch) return words.some((word) => /^(?:.*=)?dead$/.test(word));
  const program = words.findIndex((word) => programs.has(basename(word)));
  return program >= 0 && words.slice(program + 1).some((word) => keepingStatus.includes(word));
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

async function readOf(pid: number, file: 'stat' | 'environ'): Promise<string> {
  // What has ended, or belongs to somebody else, says nothing.
  return readFile(`/proc/${String(pid)}/${file}`, 'utf8').catch(() => '');
}

async function otherPids(pid: number): Promise<readonly number[]> {
  const names = await readdir('/proc').catch(() => []);
  return names.filter((name) => /^\d+$/.test(name) && Number(name) !== pid).map(Number);
}

/** What still runs of that which the manager with this pid started: its children, its process group, its scripts. */
export async function leftoversOf(pid: number): Promise<readonly number[]> {
  const found: number[] = [];
  for (const other of await otherPids(pid)) {
    const family = parseParentAndGroup(await readOf(other, 'stat'));
    const isMarked = async (): Promise<boolean> =>
      (await readOf(other, 'environ')).split('\0').includes(`${managerMark}=${String(pid)}`);
    if (family?.parent === pid || family?.group === pid || (await isMarked())) found.push(other);
  }
  return found;
}

/** Processes that this one has started itself, each with its process group. */
export async function childrenOf(pid: number): Promise<readonly { readonly pid: number; readonly group: number }[]> {
  const families = (await otherPids(pid)).map(async (other) => {
    const family = parseParentAndGroup(await readOf(other, 'stat'));
    return family?.parent === pid ? [{ pid: other, group: family.group }] : [];
  });
  return (await Promise.all(families)).flat();
}
