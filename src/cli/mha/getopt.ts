import type { MhaOption } from './option.js';

/** A word that is no option that could be taken, and why; whether that is an error is the command's affair. */
export interface Ignored {
  readonly word: string;
  readonly why: string;
}

export interface Reading {
  /** Values by option; a flag has one empty value. Only of `many` more than one is kept. */
  readonly given: ReadonlyMap<MhaOption, readonly string[]>;
  readonly ignored: readonly Ignored[];
  /** Words that are no options, and all words behind `--`. */
  readonly words: readonly string[];
}

type Found = { readonly option: MhaOption } | { readonly why: string };

/** Perl allows underscores in numbers as in its own source. */
const wholeNumber = /^[-+]?_*\d[\d_]*$/;

/**
 * Reads a command line with the habits of Perl's Getopt::Long, as MHA's programs do (tried with 2.52): `--`, `-` or `+` in
 * front, any case, the shortest unique beginning, `--opt=value` and `--opt value`, the last one wins. Pure.
 */
export function readOptions(options: readonly MhaOption[], argv: readonly string[]): Reading {
  const given = new Map<MhaOption, readonly string[]>();
  const ignored: Ignored[] = [];
  const words: string[] = [];
  const left = [...argv];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (word === '--') {
      words.push(...left);
      break;
    }
    const parts = /^(?:--|-|\+)([^=]+)(?:=(.*))?$/s.exec(word);
    if (parts?.[1] === undefined) {
      words.push(word);
      continue;
    }
    const found = find(options, parts[1]);
    const taken = 'why' in found ? found : take(found.option, parts[2], left);
    if ('why' in taken) ignored.push({ word, why: taken.why });
    else if ('option' in found) keep(given, found.option, taken.value);
  }
  return { given, ignored, words };
}

function find(options: readonly MhaOption[], written: string): Found {
  // MHA has underscores only; a dash in their place is what a user of mha-ts is used to.
  const name = written.toLowerCase().replaceAll(/(?!^)-/g, '_');
  const exact = options.find(({ names }) => names.includes(name));
  if (exact !== undefined) return { option: exact };
  const begun = options.filter(({ names, ours }) => ours !== true && names.some((one) => one.startsWith(name)));
  const [only, ...others] = begun;
  if (only === undefined) return { why: 'is not known' };
  if (others.length === 0) return { option: only };
  return { why: `could be any of ${begun.map(({ names }) => `--${names[0]}`).join(', ')}` };
}

/** The value, taken off the words that follow where it stands there. */
function take(option: MhaOption, joined: string | undefined, left: string[]): { value: string } | { why: string } {
  if (option.takes === 'nothing') return joined === undefined ? { value: '' } : { why: 'takes no value' };
  const value = joined ?? left[0];
  if (value === undefined || joined === '') return { why: 'needs a value' };
  if (option.takes === 'number') {
    if (!wholeNumber.test(value)) return { why: 'needs a number' };
    if (joined === undefined) left.shift();
    return { value: String(Number(value.replaceAll('_', ''))) };
  }
  if (joined === undefined) left.shift();
  return { value };
}

function keep(given: Map<MhaOption, readonly string[]>, option: MhaOption, value: string): void {
  // To MHA an empty text is as good as no option: scripts write --new_master_host "$HOST" whether there is one or not.
  if (option.takes === 'text' && value === '') given.delete(option);
  else given.set(option, option.many === true ? [...(given.get(option) ?? []), value] : [value]);
}
