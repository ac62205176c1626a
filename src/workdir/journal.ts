import { open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Journal, JournalEntry } from '../ports/workdir.js';
import { syncDirectory, workdirFault } from './durable-write.js';

export const journalName = 'journal.jsonl';

/**
 * One JSON object per line, appended and synced before the world is touched. Lines are written one after another
 * whatever the callers do, so that a torn line can only be the last one. After a failed write nothing more is
 * taken: a journal with a hole would lie.
 */
export async function openJournal(folder: string, wall: () => number): Promise<Journal> {
  const path = join(folder, journalName);
  const file = await open(path, 'a', 0o600).catch((cause: unknown) => {
    throw workdirFault(path, cause);
  });
  await syncDirectory(dirname(path));
  let sequence = 0;
  let last: Promise<void> = Promise.resolve();

  const write = async (entry: JournalEntry): Promise<void> => {
    sequence += 1;
    const line = { sequence, at: new Date(wall()).toISOString(), ...entry };
    try {
      await file.appendFile(`${JSON.stringify(line)}\n`);
      await file.datasync();
    } catch (cause) {
      throw workdirFault(path, cause);
    }
  };

  return {
    append: (entry) => {
      const mine = last.then(() => write(entry));
      last = mine;
      // The caller gets the rejection through `mine`; this keeps the chain from reporting it a second time.
      mine.catch(() => undefined);
      return mine;
    },
    close: async () => {
      await last.catch(() => undefined);
      await file.close();
    },
  };
}
