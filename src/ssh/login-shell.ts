import { command } from './quote.js';

/** Takes back what `plain` has done, runs the first word as a script, and gives it the second. */
const unpack = 'set -- "$(printf %b "$1")" "$(printf %b "$2")"; eval "shift; $1"';

/**
 * Runs a POSIX script whatever the account's login shell is. In words between single quotes csh allows no line break and looks for
 * `!`, and fish reads a backslash before another one or before a quote: so none of these is in the command line.
 */
export function inPosixShell(script: string, text = ''): string {
  return `exec ${command('/bin/sh', '-c', unpack, 'sh', plain(script), plain(text))}`;
}

/** As `printf %b` of every sh reads it: an octal number of three digits behind `\0`. */
function plain(word: string): string {
  return word.replaceAll(/[\\'!\n]/g, (found) => `\\0${found.charCodeAt(0).toString(8).padStart(3, '0')}`);
}
