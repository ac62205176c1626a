import { nearestWord } from '../../config/nearest.js';
import { type Ignored, readOptions } from './getopt.js';
import type { OldName, Shape } from './old-name.js';
import { flag, type MhaOption } from './option.js';

/** What a command line of MHA means to us. */
export type Translation =
  | { readonly kind: 'help' | 'version' }
  /** Wrong usage; MHA says it on stdout. */
  | { readonly kind: 'refused'; readonly exit: number; readonly lines: readonly string[]; readonly help: boolean }
  | {
      readonly kind: 'run';
      readonly shape: Shape;
      /** The command line of `mha-ts`. */
      readonly words: readonly string[];
      readonly warnings: readonly string[];
      readonly globalConf?: string;
    };

const help = flag(['help'], 'show this');
const version = flag(['version'], 'show the version');
export const everywhere = [help, version];

/** Turns a command line of MHA into one of ours. Pure: no file is looked at. */
export function translate(old: OldName, argv: readonly string[]): Translation {
  const first = readOptions([...everywhere, ...old.selectors], argv);
  if (first.given.has(version)) return { kind: 'version' };
  if (first.given.has(help)) return { kind: 'help' };
  const chosen = new Map([...first.given].map(([option, values]) => [option.names[0], values.at(-1) ?? '']));
  const shape = old.choose(chosen);
  if (shape === undefined) {
    const [wanted] = old.selectors;
    const lines = wanted === undefined ? [] : [`--${wanted.names[0]}=<${wanted.value ?? ''}> must be set.`];
    return { kind: 'refused', exit: 1, lines, help: true };
  }
  return inShape(old, shape, argv);
}

function inShape(old: OldName, shape: Shape, argv: readonly string[]): Translation {
  const known = [...everywhere, ...old.selectors, ...shape.options, ...shape.unused];
  const { given, ignored, words } = readOptions(known, argv);
  if (shape.strict && ignored.length > 0) {
    const lines = ignored.map((one) => `${old.name}: ${describe(one, known)}`);
    return { kind: 'refused', exit: 1, lines, help: false };
  }
  const has = (name: string): boolean => [...given.keys()].some((option) => option.names[0] === name);
  const missing = shape.needs.filter((name) => !has(name));
  if (missing.length > 0) {
    const lines = missing.map((name) => `--${name}=<${valueOf(known, name)}> must be set.`);
    return { kind: 'refused', exit: shape.failure, lines, help: false };
  }
  const standard = Object.entries(shape.standard).flatMap(([name, word]) => (has(name) ? [] : [word]));
  const handed = shape.options.flatMap((option) => (given.get(option) ?? []).map((value) => wordOf(option, value)));
  const globalConf = [...given].find(([option]) => option.names[0] === 'global_conf')?.[1].at(-1);
  return {
    kind: 'run',
    shape,
    words: [...shape.command, ...standard, ...handed],
    warnings: [
      ...ignored.map((one) => `${describe(one, known)}; it is ignored, as MHA does`),
      ...words.map((word) => `"${word}" is no option; it is ignored, as MHA does`),
    ],
    ...(globalConf === undefined ? {} : { globalConf }),
  };
}

function valueOf(options: readonly MhaOption[], name: string): string {
  return options.find(({ names }) => names[0] === name)?.value ?? '';
}

/** Ours has the same names with dashes. */
export function wordOf({ names, takes }: MhaOption, value: string): string {
  const word = `--${names[0].replaceAll('_', '-')}`;
  return takes === 'nothing' ? word : `${word}=${value}`;
}

/** Only the option's name: what follows `=` may be a password. */
function describe({ word, why }: Ignored, known: readonly MhaOption[]): string {
  const name = word.replace(/=.*$/s, '');
  const near =
    why === 'is not known'
      ? nearestWord(
          name.replace(/^[-+]+/, ''),
          known.flatMap(({ names }) => names),
        )
      : undefined;
  return `${name} ${why}${near === undefined ? '' : ` (did you mean --${near}?)`}`;
}
