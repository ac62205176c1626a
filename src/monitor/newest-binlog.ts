import { type Coordinates, fileNumber } from '../model/coordinates.js';
import { shellWord } from '../model/shell-word.js';
import type { Door } from '../ports/shell.js';

/* The longest number is the newest, then the greatest text: the glob's own order puts 1000000 before 999999. */
const script = `
newest=
for file in "$1".*; do
  case "\${file##*.}" in *[!0-9]*|'') continue ;; esac
  [ -f "$file" ] || continue
  if [ "\${#file}" -ge "\${#newest}" ]; then newest=$file; fi
done
[ -n "$newest" ] && echo "$(wc -c < "$newest") $newest"
exit 0
`;

/** The newest binary log file on the host's disk and its size. Undefined when there is none or it cannot be read. */
export async function newestBinlog(door: Door, base: string, deadlineMs: number): Promise<Coordinates | undefined> {
  const { stdout } = await door.run(`exec sh -c ${shellWord(script)} sh ${shellWord(base)}`, { deadlineMs });
  const match = /^\s*(\d+) (.*)$/m.exec(stdout);
  const file = match?.[2]?.split('/').at(-1);
  if (match?.[1] === undefined || file === undefined || fileNumber(file) === undefined) return undefined;
  return { file, position: Number(match[1]) };
}
