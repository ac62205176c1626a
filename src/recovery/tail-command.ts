import { posix } from 'node:path';
import { quote } from '../ssh/quote.js';

/** Bytes of a file's head that are read besides the range: magic and format description fit many times. */
export const headBytes = 4096;

/** Where binary logs lie and what they are called. */
export interface LogPlace {
  readonly directory: string;
  readonly baseName: string;
}

export function logPlace(binlogBase: string): LogPlace {
  return { directory: posix.dirname(binlogBase), baseName: posix.basename(binlogBase) };
}

/** Prints a line `SIZE NAME` for each file of the log. */
export function listCommand(place: LogPlace): string {
  return `${enter(place)}; ${list(place)}`;
}

/**
 * One command for a small tail, since each costs a login shell: the listing, a line `. SIZE` (or `. missing`,
 * `. unreadable`) for the first file, that file's head, and its bytes from the position to the limit or its end.
 */
export function openTailCommand(place: LogPlace, file: string, from: number, limit?: number): string {
  const name = relative(file);
  const cap = limit === undefined ? '' : `[ "$s" -le ${String(limit)} ] || s=${String(limit)}; `;
  return (
    `${enter(place)}; ${list(place)}; ` +
    `[ -e ${name} ] || { echo '. missing'; exit 0; }; ` +
    `[ -r ${name} ] || { echo '. unreadable'; exit 0; }; ` +
    `s=$(($(wc -c <${name}))); echo ". $s"; ${cap}` +
    `head -c ${String(headBytes)} ${name}; ` +
    `[ "$s" -le ${String(from)} ] || ${range(name, from, `$((s-${String(from)}))`)}`
  );
}

/** The bytes of one file from a position, as many as asked for; fewer when the file ends before or cannot be read. */
export function rangeCommand(place: LogPlace, file: string, from: number, bytes: number): string {
  return `${enter(place)}; ${range(relative(file), from, String(bytes))}`;
}

function enter(place: LogPlace): string {
  return `cd ${quote(place.directory)} || exit 66`;
}

/** The pattern keeps the shell's own star outside of the quotes. `wc` stands in where `stat` knows no format. */
function list(place: LogPlace): string {
  const pattern = `${relative(`${place.baseName}.`)}[0-9]*`;
  const slow = `for f in ${pattern}; do [ ! -r "$f" ] || echo $(wc -c <"$f") "$f"; done`;
  return `stat -L -c '%s %n' ${pattern} 2>/dev/null || ${slow}`;
}

/** `./` in front, so that no name is taken for an option. */
function relative(name: string): string {
  return `./${quote(name)}`;
}

/** `tail` seeks in a regular file and counts from one. A file that cannot be opened ends the command with its error. */
function range(name: string, from: number, bytes: string): string {
  if (from === 0) return `head -c ${bytes} ${name}`;
  return `{ [ -r ${name} ] && tail -c +${String(from + 1)} ${name} | head -c ${bytes}; }`;
}
