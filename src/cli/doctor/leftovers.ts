import { execFile } from 'node:child_process';
import { describeError } from '../../model/fault.js';
import type { Door } from '../../ports/shell.js';

/** What an installation of MHA has left on a host. */
export interface Leftovers {
  readonly host: string;
  /** Programs of MHA's node package. */
  readonly nodePrograms: readonly string[];
  /** Tables of cron that call purge_relay_logs. Never their lines: these may hold a password. */
  readonly purgeTables: readonly string[];
  /** Tables that our user may not read. */
  readonly unreadable: readonly string[];
  /** Why nothing could be looked at. */
  readonly why?: string;
}

/** The manager's. */
export const thisMachine = 'this machine';

const deadlineMs = 8_000;

/**
 * Reads only. The word that begins a line says what it is; a folder that is not there says nothing.
 * @param root for tests: where that machine's files begin
 */
export function lookCommand(root = ''): string {
  const tables = ['etc/crontab', 'etc/cron.d/*', 'etc/cron.hourly/*', 'etc/cron.daily/*', 'etc/cron.weekly/*'];
  const spools = ['var/spool/cron/crontabs', 'var/spool/cron'];
  const files = [...tables, ...spools.map((folder) => `${folder}/*`)].map((file) => `${root}/${file}`);
  return `for d in ${spools.map((folder) => `${root}/${folder}`).join(' ')}; do
  if [ -d "$d" ] && ! [ -r "$d" ]; then echo "unreadable $d"; fi
done
grep -slE '^[^#]*purge_relay_logs' ${files.join(' ')} | sed 's/^/purge /'
for p in save_binary_logs apply_diff_relay_logs purge_relay_logs; do
  command -v "$p" 2>/dev/null | sed 's/^/node /'
done
true`;
}

export async function leftoversAt(door: Door): Promise<Leftovers> {
  try {
    const { code, stdout } = await door.run(lookCommand(), { deadlineMs });
    return code === 0 ? readLeftovers(door.host, stdout) : nothing(door.host, `a command ended with ${String(code)}`);
  } catch (error) {
    return nothing(door.host, describeError(error));
  }
}

/** The same on the machine that we run on. */
export function leftoversHere(): Promise<Leftovers> {
  const host = thisMachine;
  return new Promise((resolve) => {
    execFile('sh', ['-c', lookCommand()], { timeout: deadlineMs, encoding: 'utf8' }, (error, stdout) => {
      resolve(error === null ? readLeftovers(host, stdout) : nothing(host, error.message));
    });
  });
}

/** What the command has found. */
export function readLeftovers(host: string, stdout: string): Leftovers {
  const said = (word: string): readonly string[] => [
    ...new Set(
      stdout
        .split('\n')
        .filter((line) => line.startsWith(`${word} `))
        .map((line) => line.slice(word.length + 1)),
    ),
  ];
  return { host, nodePrograms: said('node'), purgeTables: said('purge'), unreadable: said('unreadable') };
}

function nothing(host: string, why: string): Leftovers {
  return { host, nodePrograms: [], purgeTables: [], unreadable: [], why };
}
