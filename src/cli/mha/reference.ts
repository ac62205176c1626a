import { oldNames } from './names.js';
import type { OldName, Shape } from './old-name.js';
import type { MhaOption } from './option.js';
import { wordOf } from './translate.js';

/** The page of MHA's commands, made of the tables that the commands themselves read. */
export function mhaReference(): string {
  return `# MHA's commands

Installed beside \`mha-ts\`, so that cron jobs, hook settings and habits stay as they are. Each is a command of \`mha-ts\`, which takes the
same options with dashes. Options are read as Perl's Getopt::Long does: one dash or two, any case, the shortest unique
beginning, \`--option=value\` or \`--option value\`, the last one wins. What MHA ignores is ignored here too, and said.

${oldNames.map(chapter).join('\n')}`;
}

function chapter(old: OldName): string {
  return [`## ${old.name}`, '', old.says, '', ...old.shapes.flatMap((shape) => table(old, shape))].join('\n');
}

function table({ selectors }: OldName, shape: Shape): readonly string[] {
  const ours = `\`mha-ts ${shape.command.join(' ')}\``;
  const exits = [...new Set([...shape.exits, shape.failure])].join(', ');
  const standard = Object.values(shape.standard).map((word) => `\`${word}\``);
  const told = standard.length === 0 ? '' : `, with ${standard.join(', ')} where nothing else is said`;
  return [
    `Is ${ours}${told}. Exit codes: ${exits}. An unknown option ${shape.strict ? 'ends it' : 'is a warning'}.`,
    '',
    '| option of MHA | here | meaning [default] |',
    '| --- | --- | --- |',
    ...selectors.map((option) => row(option, 'chooses the command')),
    ...shape.options.map((option) => row(option, handed(option))),
    ...shape.unused.map((option) => row(option, 'accepted, means nothing here')),
    '',
  ];
}

function handed(option: MhaOption): string {
  const word = wordOf(option, option.value ?? '');
  return `\`${word}\`${option.ours === true ? ' (not MHA’s)' : ''}`;
}

function row({ names, says }: MhaOption, here: string): string {
  const cells = [names.map((name) => `\`--${name}\``).join(', '), here, says];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
