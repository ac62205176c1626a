import { appendFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../model/fault.js';
import { endGuards } from './guards.js';
import { clustersFolder, makeFolder } from './places.js';
import { isAlive, type ProcessStamp, signalStamped, stampOf } from './proc.js';

/**
 * A cluster's folder, and with it a number that no other running cluster has. The folder names its owner; a folder
 * whose owner is dead was left behind by a killed run: what it started is ended, then it is removed.
 */
export interface Claim {
  readonly folder: string;
  /** 1 to 250: the third part of the cluster's loopback addresses. */
  readonly number: number;
  /** Writes down a process that must not outlive us. */
  readonly remember: (pid: number) => void;
  /** Gives the folder back; `keep` moves it aside for reading instead and tells where it is. */
  release(keep: boolean): Promise<string | undefined>;
}

const ownerFile = 'owner';
const startedFile = 'started';
/** A folder without an owner is being made at this moment, unless it is older than this. */
const settlingMs = 10_000;
const keptAtMost = 3;

export async function claimFolder(): Promise<Claim> {
  const base = await makeFolder(clustersFolder());
  await removeLeftovers(base);
  for (let number = 1; number <= 250; number += 1) {
    const folder = join(base, `c${String(number)}`);
    if (await makeNew(folder)) {
      endGuards(folder);
      await writeFile(join(folder, ownerFile), line(stampOf(process.pid)));
      return claimOf(base, folder, number);
    }
  }
  throw new Fault('SANDBOX_FAILED', { what: `find a free place in ${base}`, message: '250 clusters are running' });
}

function claimOf(base: string, folder: string, number: number): Claim {
  return {
    folder,
    number,
    remember: (pid) => appendFileSync(join(folder, startedFile), line(stampOf(pid))),
    release: async (keep) => {
      endGuards(folder);
      if (!keep) return remove(folder);
      // The second part orders two of the same millisecond.
      const name = `kept-${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${String(process.hrtime.bigint())}`;
      const kept = join(base, name);
      await rename(folder, kept);
      return kept;
    },
  };
}

async function remove(folder: string): Promise<undefined> {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function makeNew(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

async function removeLeftovers(base: string): Promise<void> {
  const names = (await readdir(base)).sort();
  const kept = names.filter((name) => name.startsWith('kept-')).slice(0, -keptAtMost);
  const running = names.filter((name) => /^c\d+$/.test(name));
  const halfRemoved = names.filter((name) => name.includes('.removed-'));
  await Promise.all([...kept, ...halfRemoved].map((name) => remove(join(base, name))));
  await Promise.all(running.map((name) => removeIfAbandoned(join(base, name))));
}

async function removeIfAbandoned(folder: string): Promise<void> {
  const [owner] = await stamps(join(folder, ownerFile));
  if (owner === undefined ? await isSettling(folder) : isAlive(owner)) return;
  for (const stamp of await stamps(join(folder, startedFile))) signalStamped(stamp, 'SIGKILL');
  // Two runs may find the same left-over at once; only one of them can move it away.
  const doomed = `${folder}.removed-${String(process.pid)}`;
  const moved = await rename(folder, doomed).then(
    () => true,
    () => false,
  );
  if (moved) await remove(doomed);
}

async function isSettling(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined || Date.now() - found.mtimeMs < settlingMs;
}

async function stamps(file: string): Promise<readonly ProcessStamp[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text.split('\n').flatMap((entry) => {
    const [pid, started] = entry.split(' ');
    return started === undefined ? [] : [{ pid: Number(pid), started }];
  });
}

function line(stamp: ProcessStamp | undefined): string {
  return stamp === undefined ? '' : `${String(stamp.pid)} ${stamp.started}\n`;
}
