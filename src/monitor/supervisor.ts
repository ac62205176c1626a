import { shellWord } from '../model/shell-word.js';
import type { Door } from '../ports/shell.js';
import type { NamedProcess } from './guard.js';
import { isUntouchable } from './server-process.js';

/** What would start the server again after it was killed, and how it is kept from doing so. */
export type Measure =
  | { readonly do: 'nothing' }
  /** The servers' own restarting script has no other purpose. */
  | { readonly do: 'kill'; readonly process: NamedProcess }
  /** Another program may look after more than this server: it is only stopped, and can be woken again. */
  | { readonly do: 'freeze'; readonly process: NamedProcess };

const safeName = /^(mysqld_safe|mariadbd-safe)/;

/**
 * What to do about the ancestors (nearest first) of a server that was killed. A parent that is not the servers' own
 * script is touched only after it was seen to start the server again. Pure.
 */
export function chooseMeasure(ancestors: readonly NamedProcess[], restarted: boolean): Measure {
  const [parent] = ancestors;
  if (parent === undefined || isUntouchable(parent)) return { do: 'nothing' };
  if (safeName.test(parent.name)) return { do: 'kill', process: parent };
  return restarted ? { do: 'freeze', process: parent } : { do: 'nothing' };
}

const deadlineMs = 5000;

/*
 * The start time is compared on the host in the same breath: a pid that was reused is not ours to signal. Nothing
 * that this very command runs under is ever signalled: freezing what holds our SSH connection would be the end of us.
 */
const signalScript = `
pid=$1 start=$2 signal=$3 next=$$
while [ "$next" -gt 1 ]; do
  [ "$next" = "$pid" ] && { echo ancestor; exit 0; }
  read -r stat 2>/dev/null < "/proc/$next/stat" || break
  set -- \${stat##*) }; next=$2
done
read -r stat 2>/dev/null < "/proc/$pid/stat" || { echo gone; exit 0; }
set -- \${stat##*) }
[ "\${20}" = "$start" ] || { echo gone; exit 0; }
kill "-$signal" "$pid" 2>/dev/null && echo signalled || echo denied
`;

export type SignalAnswer = 'signalled' | 'gone' | 'denied' | 'ancestor' | 'cannot-tell';

export async function signalProcess(
  door: Door,
  process: Pick<NamedProcess, 'pid' | 'startTime'>,
  signal: 'KILL' | 'STOP' | 'CONT' | '0',
): Promise<SignalAnswer> {
  const words = [String(process.pid), process.startTime, signal];
  const { stdout } = await door.run(`exec sh -c ${shellWord(signalScript)} sh ${words.map(shellWord).join(' ')}`, {
    deadlineMs,
  });
  const answer = stdout.trim();
  return answer === 'signalled' || answer === 'gone' || answer === 'denied' || answer === 'ancestor'
    ? answer
    : 'cannot-tell';
}

/**
 * Stops the unit and looks whether that is so: `systemctl stop` also takes back a restart that is only waiting for
 * its time. Bounded, since a unit's own stop may take 15 minutes (MariaDB's TimeoutStopSec).
 */
export async function stopUnit(door: Door, unit: string): Promise<boolean> {
  const name = shellWord(unit);
  const command = `systemctl --no-ask-password stop ${name}; systemctl show --no-pager -p ActiveState ${name}`;
  const { stdout } = await door.run(command, { deadlineMs });
  return /^ActiveState=(inactive|failed)$/m.test(stdout);
}
