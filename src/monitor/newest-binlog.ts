import { type Coordinates, fileNumber } from '../model/coordinates.js';
import { shellWord } from '../model/shell-word.js';
import type { Door } from '../ports/shell.js';

/*
 * Shell function: prints `newest SIZE FILE`. The longest number is the newest, then the greatest text: the glob's own
 * order puts 1000000 before 999999. `wc` stands in where `stat` knows no format; some read the whole file.
 */
export const newestBinlogScript = `
newest() {
  last=
  for file in "$1".*; do
    case "\${file##*.}" in *[!0-9]*|'') continue ;; esac
    [ "\${#file}" -ge "\${#last}" ] && [ -f "$file" ] && last=$file
  done
  [ -r "$last" ] || return 0
  size=$(stat -L -c %s "$last") || size=$(wc -c < "$last") || return 0
  echo "newest $((size)) $last"
}
`;

/** What the function printed, without its first word. Undefined when that names no binary log. */
export function parseNewest(text: string | undefined): Coordinates | undefined {
  const match = /^(\d+) (.*)$/.exec(text ?? '');
  const file = match?.[2]?.split('/').at(-1);
  if (match?.[1] === undefined || file === undefined || fileNumber(file) === undefined) return undefined;
  return { file, position: Number(match[1]) };
}

/** The newest binary log file on the host's disk and its size. Undefined when there is none or it cannot be read. */
export async function newestBinlog(door: Door, base: string, deadlineMs: number): Promise<Coordinates | undefined> {
  const script = `exec 2>/dev/null${newestBinlogScript}newest "$1"`;
  const { stdout } = await door.run(`exec sh -c ${shellWord(script)} sh ${shellWord(base)}`, { deadlineMs });
  const line = stdout.split('\n').find((text) => text.startsWith('newest '));
  return parseNewest(line?.slice('newest '.length));
}
