import { inPosixShell } from './login-shell.js';

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

/** Printed by a shell that waits for its command: the login shell's start-up files are through. */
export const readyMark = '--mha-ts-shell-waits--\n';

const say = (mark: string): string => `printf '%s\\n' '${mark.trimEnd()}'`;
const watch = `(trap '' TERM HUP; cat <&3; kill -TERM -$$; sleep 1; kill -KILL -$$) >/dev/null 2>&1 & watcher=$!`;
const guarded = [
  say(outputMark),
  'exec 3<&0 </dev/null',
  watch,
  'exec 3<&-',
  '(eval "$1")',
  'code=$?',
  'kill -KILL "$watcher"',
  'exit "$code"',
].join('\n');
const withInput = `${say(outputMark)}\neval "$1"`;

/** The command with no input, ended when its channel closes. */
export function guardedCommand(text: string): string {
  return inPosixShell(guarded, text);
}

/** The command with the channel as its input; it sees the end of input when the channel closes, and no more. */
export function commandWithInput(text: string): string {
  return inPosixShell(withInput, text);
}

/*
 * POSIX has `read` take no byte beyond the line from an input that cannot be rewound: what follows is the command's.
 * A shell that gets no command (its channel closes; bash's TMOUT is over) ends without a word.
 */
const waiting = `${say(readyMark)}
IFS= read -r kind && IFS= read -r lines && IFS= read -r text || exit 0
while [ "$lines" -gt 1 ]; do
  IFS= read -r line || exit 0
  text="$text
$line"
  lines=$((lines - 1))
done
set -- "$kind" "$text"
unset kind lines text line
if [ "$1" = input ]; then
shift
${withInput}
exit
fi
shift
${guarded}`;

/** A shell that is started before its command is known, and runs one. */
export const waitingShell = inPosixShell(waiting);

/** What a waiting shell is sent; from then on all is as if the command had been started by itself. */
export function orderToWaiting(text: string, hasInput: boolean): string {
  return `${hasInput ? 'input' : 'guarded'}\n${String(text.split('\n').length)}\n${text}\n`;
}
