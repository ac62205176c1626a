import type { OldName } from './old-name.js';
import type { MhaOption } from './option.js';
import { everywhere } from './translate.js';

const widest = 34;

/** What `--help` prints, in MHA's spelling. */
export function helpText(old: OldName): string {
  const parts = [
    old.says,
    '',
    'USAGE',
    `  ${old.name} [options]`,
    '',
    ...old.shapes.flatMap((shape) => {
      const title = old.shapes.length === 1 ? 'OPTIONS' : `OPTIONS of mha-ts ${shape.command[0]}`;
      return [title, ...[...old.selectors, ...shape.options, ...shape.unused, ...everywhere].map(line), ''];
    }),
    ...exits(old),
    'EXAMPLES',
    ...old.examples.map((example) => `  $ ${example}`),
    '',
    `The same as: mha-ts ${[...new Set(old.shapes.map(({ command }) => command[0]))].join(', mha-ts ')}`,
  ];
  return `${parts.join('\n')}\n`;
}

function line(option: MhaOption): string {
  const { names, takes, value, says } = option;
  const written = `  --${names[0]}${takes === 'nothing' ? '' : `=${value ?? 'VALUE'}`}`;
  const others = names.slice(1).map((name) => `--${name}`);
  const also = others.length === 0 ? '' : ` (also ${others.join(', ')})`;
  return `${written.padEnd(widest)} ${says}${also}`;
}

function exits({ shapes }: OldName): readonly string[] {
  const codes = [...new Set(shapes.flatMap(({ exits: some, failure }) => [...some, failure]))].sort((a, b) => a - b);
  return ['EXIT CODES', `  ${codes.join(', ')}`, ''];
}
