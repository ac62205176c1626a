/** What a shell needs to know of a command; the shape of oclif's own description of it. */
export interface CompletableCommand {
  readonly id: string;
  readonly hidden?: boolean;
  /** Its other spellings, which oclif lists as commands too. */
  readonly aliases: readonly string[];
  readonly flags: Readonly<Record<string, CompletableFlag>>;
}

interface CompletableFlag {
  readonly name: string;
  readonly char?: string;
  readonly type: 'boolean' | 'option';
  readonly allowNo?: boolean;
  readonly hidden?: boolean;
}

/** Flags whose value is a path, so that the shell offers files. */
const fileFlags = ['--conf', '-c', '--global-conf', '--workdir'];

/**
 * A completion script that is read once by the shell and asks nothing while somebody types: all commands and flags stand
 * in it. Words are fixed names of this program, so nothing needs quoting.
 */
export function completionScript(bin: string, shell: 'bash' | 'zsh', commands: readonly CompletableCommand[]): string {
  const other = commands.flatMap(({ aliases }) => aliases);
  const shown = commands
    .filter(({ id, hidden }) => hidden !== true && !other.includes(id))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const name = `_${bin.replaceAll(/[^A-Za-z0-9]/g, '_')}`;
  const cases = shown.map((command) => {
    const words = spaced(command);
    return `    "${words}"|"${words} "*) words="${flagsOf(command).join(' ')}" ;;`;
  });
  const head = shell === 'zsh' ? ['autoload -U +X bashcompinit && bashcompinit'] : [];
  return `${[
    ...head,
    `${name}() {`,
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" line words=""',
    `  case "$before" in ${fileFlags.join('|')}) COMPREPLY=($(compgen -f -- "$word")); return ;; esac`,
    '  line="${COMP_WORDS[*]:1:$((COMP_CWORD-1))}"',
    '  case "$line" in',
    ...cases,
    ...groupCases(shown),
    `    "") words="${[...new Set(shown.map((command) => spaced(command).split(' ')[0] ?? ''))].join(' ')}" ;;`,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '}',
    `complete -o filenames -F ${name} ${bin}`,
  ].join('\n')}\n`;
}

/** `config` alone offers what can follow it. */
function groupCases(commands: readonly CompletableCommand[]): readonly string[] {
  const pairs = commands.map((command) => spaced(command).split(' ')).filter((words) => words.length > 1);
  const groups = [...new Set(pairs.map(([group = '']) => group))];
  return groups.map((group) => {
    const members = pairs.filter(([first]) => first === group).map(([, second = '']) => second);
    return `    "${group}") words="${members.join(' ')}" ;;`;
  });
}

function spaced({ id }: CompletableCommand): string {
  return id.replaceAll(':', ' ');
}

function flagsOf({ flags }: CompletableCommand): readonly string[] {
  return Object.values(flags)
    .filter(({ hidden }) => hidden !== true)
    .flatMap(({ name, allowNo }) => [`--${name}`, ...(allowNo === true ? [`--no-${name}`] : [])])
    .concat('--help')
    .toSorted();
}
