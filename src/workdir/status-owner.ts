import { identifyManager } from './manager-process.js';
import { parseStatus, readStatusFile } from './status-file.js';

/** Whether a status file is kept by a manager that lives and is not this process. */
export async function isAnothers(path: string): Promise<boolean> {
  // One that cannot be read is told when it cannot be written.
  const file = await readStatusFile(path).catch(() => undefined);
  const pid = file === undefined ? undefined : parseStatus(file.text)?.pid;
  return pid !== undefined && pid !== process.pid && (await identifyManager(pid)) === 'ours';
}
