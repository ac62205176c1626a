import { command } from './quote.js';

/**
 * sshd does not end a command when its channel or connection goes away, and sending it a signal does nothing for a
 * root login (OpenSSH 9.2). So every command runs beside a watcher that waits for the end of its standard input,
 * which sshd closes in all these cases, and then ends the command's process group: first TERM, a second later KILL.
 * `-$$` names the group only if this shell leads it (sshd starts each command in a session of its own);
 * otherwise nothing is hit. (dash 0.5.12 takes no `--` after `kill -TERM`.)
 *
 * The mark comes before all output of the command, so that what a login shell's start-up files print is not taken
 * for data.
 */
export const outputMark = '--mha-ts-output-follows--\n';

const watch = `(trap '' TERM HUP; cat <&3; kill -TERM -$$; sleep 1; kill -KILL -$$) >/dev/null 2>&1 & watcher=$!`;
const mark = `printf '%s\\n' '${outputMark.trimEnd()}'`;
const guard = [
  mark,
  'exec 3<&0 </dev/null',
  watch,
  'exec 3<&-',
  '(eval "$1")',
  'code=$?',
  'kill -KILL "$watcher"',
  'exit "$code"',
].join('\n');

/** The command with no input, ended when its channel closes. */
export function guardedCommand(text: string): string {
  return `exec ${command('/bin/sh', '-c', guard, 'sh', text)}`;
}

/** The command with the channel as its input; it sees the end of input when the channel closes, and no more. */
export function commandWithInput(text: string): string {
  return `exec ${command('/bin/sh', '-c', `${mark}\neval "$1"`, 'sh', text)}`;
}
