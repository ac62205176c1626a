/**
 * Room `workdir`: the manager's directory (`manager_workdir`) - status file, flag files, run folders with their
 * journals. It may import `model` and `ports`. Invariant: what another program may read at any moment (status, flags)
 * is replaced whole, and what a later run relies on (journal, flags) is on disk before the call returns.
 */
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { StatusCode, Workdir } from '../ports/workdir.js';
import { workdirFault, writeWhole } from './durable-write.js';
import { makeFolder } from './make-folder.js';
import { makeRunFolder } from './run-folder.js';
import { isMissing, removeStatus, statusFile, writeStatus } from './status-file.js';
import { isAnothers } from './status-owner.js';
import { findUnfinishedRuns } from './unfinished-runs.js';

export interface WorkdirOptions {
  readonly path: string;
  readonly app: string;
  /** Milliseconds since the epoch. */
  readonly wall: () => number;
}

/** Starting, or failed in it. */
function isBeforeTheLock(code: StatusCode): boolean {
  return code === 10 || code === 31;
}

async function changedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw workdirFault(path, error);
  }
}

/** Makes the directory when it is not there. Throws WORKDIR_UNUSABLE. */
export async function openWorkdir({ path, app, wall }: WorkdirOptions): Promise<Workdir> {
  await makeFolder(path).catch((cause: unknown) => {
    throw workdirFault(path, cause);
  });
  const status = statusFile(path, app);
  const flagFile = (flag: 'complete' | 'error'): string => join(path, `${app}.failover.${flag}`);

  return {
    path,
    // A second manager is refused by the lock of the first, which goes on: it must neither hide nor remove that one's status.
    status: async (code, sourceHost) => {
      if (isBeforeTheLock(code) && (await isAnothers(status))) return;
      await writeStatus(status, code, sourceHost);
    },
    clearStatus: async () => {
      if (!(await isAnothers(status))) await removeStatus(status);
    },
    flagAge: async (flag) => {
      const at = await changedAt(flagFile(flag));
      return at === undefined ? undefined : Math.max(0, wall() - at);
    },
    setFlag: (flag) => writeWhole(flagFile(flag), '', { sync: true }),
    clearFlag: (flag) => rm(flagFile(flag), { force: true }),
    startRun: (command) => makeRunFolder(path, app, command, wall),
    unfinishedRuns: () => findUnfinishedRuns(path, app, wall),
  };
}
