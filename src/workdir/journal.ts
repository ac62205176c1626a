import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Journal, JournalEntry } from '../ports/workdir.js';
import { syncDirectory, workdirFault } from './durable-write.js';

export const journalName = 'journal.jsonl';

/**
 * One JSON object per line, appended and synced before the world is touched. Lines are written in the order of the calls,
 * so that a torn line can only be the last one; lines that come while the disk is busy share its next sync. After a
 * failed write nothing more is taken: a journal with a hole would lie.
 */
export async function openJournal(folder: string, wall: () => number): Promise<Journal> {
  const path = join(folder, journalName);
  const file = await open(path, 'a', 0o600).catch((cause: unknown) => {
    throw workdirFault(path, cause);
  });
  await syncDirectory(dirname(path));
  let sequence = 0;
  let waiting: string[] = [];
  let next: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const writeWaiting = async (): Promise<void> => {
    const lines = waiting;
    waiting = [];
    next = undefined;
    try {
      await file.appendFile(lines.join(''));
      await file.datasync();
    } catch (cause) {
      throw workdirFault(path, cause);
    }
  };

  const append = (entry: JournalEntry): Promise<void> => {
    sequence += 1;
    waiting.push(`${JSON.stringify({ sequence, at: new Date(wall()).toISOString(), ...entry })}\n`);
    if (next === undefined) {
      next = last.then(writeWaiting);
      last = next;
      // The callers get the rejection; this keeps the chain from reporting it a second time.
      next.catch(() => undefined);
    }
    return next;
  };

  return {
    append,
    close: async () => {
      await last.catch(() => undefined);
      await file.close();
    },
  };
}
