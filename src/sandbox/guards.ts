import { allPids, argumentsOf, signalStamped, stampOf } from './proc.js';

/** What the product calls the process that it leaves on the host of a dead source. */
const guardName = 'mha-ts-guard';

/**
 * Ends guards that the product left for servers below this folder. A host with a process list of its own takes them along;
 * on the machine's own list they would go on, and kill the server of a later cluster in the same place.
 */
export function endGuards(folder: string): void {
  for (const pid of allPids()) {
    const words = argumentsOf(pid);
    if (!words.includes(guardName) || !words.some((word) => word.startsWith(`${folder}/`))) continue;
    const stamp = stampOf(pid);
    if (stamp !== undefined) signalStamped(stamp, 'SIGKILL');
  }
}
