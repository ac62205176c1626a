import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeWhole } from './durable-write.js';

const ownerName = 'owner.json';

/** A process, told apart from a later one with the same number: the system gives numbers again, and so does a container. */
interface Owner {
  readonly pid: number;
  /** When it began, and in which life of the machine; empty where the system does not tell. */
  readonly since: string;
}

/** Fields of `/proc/PID/stat` behind the name, which may hold blanks itself: the state, and 19 further the time of start. */
function sinceOf(stat: string, boot: string): string {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state = 'X'] = fields;
  const start = fields[19];
  // A zombie does nothing any more.
  return start === undefined || 'ZX'.includes(state) ? '' : `${boot.trim()} ${start}`;
}

async function lookUp(pid: number): Promise<Owner> {
  const read = (path: string): Promise<string> => readFile(path, 'utf8').catch(() => '');
  const [stat, boot] = await Promise.all([read(`/proc/${String(pid)}/stat`), read('/proc/sys/kernel/random/boot_id')]);
  return { pid, since: sinceOf(stat, boot) };
}

/** Notes that this process does the run in this folder. */
export async function writeOwner(path: string): Promise<void> {
  await writeWhole(join(path, ownerName), `${JSON.stringify(await lookUp(process.pid))}\n`, { sync: false });
}

/** The process that is still at work on the run in this folder, where it is another one than this. */
export async function ownerAtWork(path: string): Promise<number | undefined> {
  const text = await readFile(join(path, ownerName), 'utf8').catch(() => '');
  const owner = parseOwner(text);
  if (owner === undefined || owner.since === '' || owner.pid === process.pid) return undefined;
  return (await lookUp(owner.pid)).since === owner.since ? owner.pid : undefined;
}

function parseOwner(text: string): Owner | undefined {
  try {
    const value = JSON.parse(text) as Partial<Owner> | null;
    return typeof value?.pid === 'number' && typeof value.since === 'string'
      ? { pid: value.pid, since: value.since }
      : undefined;
  } catch {
    // A crash of the machine may leave it empty; its process is gone then.
    return undefined;
  }
}
