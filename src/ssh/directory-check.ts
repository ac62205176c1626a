import { quote } from './quote.js';

/** What the SSH user can do with a directory that may hold binary logs. */
export type DirectoryState = 'readable' | 'missing' | 'not-readable' | 'files-not-readable';

export interface DirectoryReport {
  readonly path: string;
  /** Undefined: the host did not say. */
  readonly state: DirectoryState | undefined;
}

/** One shell text that prints one line per directory: its place in the list and its state. */
export function directoryCheck(paths: readonly string[]): string {
  return paths.map((path, index) => `printf '%s %s\\n' ${String(index)} "$(${stateOf(path)})"`).join('\n');
}

/** Only names that end like a log file count: a data directory holds much that need not be readable. */
function stateOf(path: string): string {
  const directory = quote(path);
  const files = `for file in ${directory}/*.[0-9][0-9][0-9][0-9][0-9][0-9]; do
  if [ -e "$file" ] && ! [ -r "$file" ]; then echo files-not-readable; exit; fi
done
echo readable`;
  return `if ! [ -d ${directory} ]; then echo missing
elif ! { [ -r ${directory} ] && [ -x ${directory} ]; }; then echo not-readable
else ${files}
fi`;
}

export function readDirectoryStates(output: string, paths: readonly string[]): readonly DirectoryReport[] {
  const states = new Map<string, DirectoryState>();
  for (const line of output.split('\n')) {
    const [index, state] = line.split(' ');
    if (index !== undefined && isState(state)) states.set(index, state);
  }
  return paths.map((path, index) => ({ path, state: states.get(String(index)) }));
}

function isState(word: string | undefined): word is DirectoryState {
  return word === 'readable' || word === 'missing' || word === 'not-readable' || word === 'files-not-readable';
}
