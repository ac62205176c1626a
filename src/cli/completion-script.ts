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
const fileFlags = ['--conf', '-c', '--global-conf', '--workdir', '--log-output', '--basedir', '--baselog'];
const longFileFlags = fileFlags.filter((flag) => flag.startsWith('--'));

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
  const head = shell === 'zsh' ? zshHead : [];
  return `${[
    ...head,
    `${name}() {`,
    '  local word="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" line words=""',
    ...(shell === 'bash' ? bashFiles : []),
    '  line="${COMP_WORDS[*]:1:$((COMP_CWORD-1))}"',
    '  case "$line" in',
    ...cases,
    ...groupCases(shown),
    `    "") words="${[...new Set(shown.map((command) => spaced(command).split(' ')[0] ?? ''))].join(' ')}" ;;`,
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "$word"))',
    '}',
    ...(shell === 'bash' ? [`complete -F ${name} ${bin}`] : zshTail(name, bin)),
  ].join('\n')}\n`;
}

/**
 * Bash takes `--conf=FILE` apart at the sign. Only these words are files: said for all of them, a command would get a slash
 * where a folder has its name. A name with a blank is one name.
 */
const bashFiles = [
  '  [ "$before" = "=" ] && before="${COMP_WORDS[COMP_CWORD-2]}"',
  '  [ "$word" = "=" ] && word=""',
  '  case "$before" in',
  `    ${fileFlags.join('|')})`,
  "      local IFS=$'\\n'",
  '      compopt -o filenames 2>/dev/null',
  '      COMPREPLY=($(compgen -f -- "$word"))',
  '      return ;;',
  '  esac',
];

/** Whoever has not set up completion of his own has neither `compdef` nor what stands in for bash's words. */
const zshHead = [
  '(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }',
  'autoload -U +X bashcompinit && bashcompinit',
];

/** Files are zsh's own affair: what stands in for bash's `compgen -f` there loses names with blanks. */
function zshTail(name: string, bin: string): readonly string[] {
  return [
    `${name}_zsh() {`,
    `  case "\${words[CURRENT]}" in ${longFileFlags.map((flag) => `${flag}=*`).join('|')}) compset -P '*='; _files; return ;; esac`,
    `  case "\${words[CURRENT-1]}" in ${fileFlags.join('|')}) _files; return ;; esac`,
    `  _bash_complete -F ${name}`,
    '}',
    `compdef ${name}_zsh ${bin}`,
  ];
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
