import type { MhaOption } from './option.js';

/** One way to call a command of MHA: which command of ours does it, and with what. */
export interface Shape {
  /** The word of `mha-ts` that does the work, with words that are always said. */
  readonly command: readonly [string, ...string[]];
  /** Options that are handed on, under the same names with dashes. */
  readonly options: readonly MhaOption[];
  /** Options of MHA that are taken and have no effect. */
  readonly unused: readonly MhaOption[];
  /** What MHA does when an option is not given and `mha-ts` would do otherwise: name and word. */
  readonly standard: Readonly<Record<string, string>>;
  /** Options without which MHA ends with 1 and a word on stdout. */
  readonly needs: readonly string[];
  /** Getopt's own strictness: unknown options end the command. Elsewhere MHA ignores them. */
  readonly strict: boolean;
  /** Exit codes with a meaning here; any other failure is `failure`. */
  readonly exits: readonly number[];
  readonly failure: number;
}

export interface OldName {
  readonly name: string;
  readonly says: string;
  readonly examples: readonly string[];
  /** Read first, alone, as MHA does: they decide on the shape. */
  readonly selectors: readonly MhaOption[];
  readonly shapes: readonly Shape[];
  /** Undefined: no way to call it was chosen; the help is shown and the exit code is 1. */
  choose(chosen: ReadonlyMap<string, string>): Shape | undefined;
}

export function shape(
  command: Shape['command'],
  options: Shape['options'],
  rest: Partial<Omit<Shape, 'command' | 'options'>> = {},
): Shape {
  return { command, options, unused: [], standard: {}, needs: [], strict: false, exits: [0, 1], failure: 1, ...rest };
}
