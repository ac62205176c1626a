import type { Kind } from './kinds.js';

/** Where a key may stand: a `[serverN]` block, `[server default]` of the application's file, or of the global file. */
export type Level = 'server' | 'app' | 'global';

/** One configuration key: all that parsing, defaults, validation, explaining and documentation need. */
export interface Key<T> {
  /** Levels at which the key has an effect; below them the value is inherited. */
  readonly levels: readonly Level[];
  readonly shape: string;
  readonly parse: (text: string) => { readonly value: T } | undefined;
  /** Written as in the file; undefined when nothing is assumed. */
  readonly default: string | undefined;
  /** The value where the file says nothing. Always readable: `parse(default)`, or undefined. */
  readonly fallback: () => T;
  /** What documentation shows instead of a fixed default, "what hostname resolves to". */
  readonly defaultNote?: string;
  readonly meaning: string;
  /** How this differs from MHA, or why the key is accepted and not needed. */
  readonly note?: string;
  /** True for the keys that MHA 0.58 does not have. */
  readonly own?: boolean;
  readonly secret?: boolean;
}

interface Words {
  readonly levels: readonly Level[];
  readonly defaultNote?: string;
  readonly meaning: string;
  readonly note?: string;
  readonly own?: boolean;
  readonly secret?: boolean;
}

export const serverOnly: readonly Level[] = ['server'];
export const everywhere: readonly Level[] = ['server', 'app', 'global'];
export const defaultsOnly: readonly Level[] = ['app', 'global'];

/** A key that always has a value. A default that its own kind refuses is a bug of the table, found at load. */
export function key<T>(kind: Kind<T>, fallback: string, words: Words): Key<T> {
  const parsed = kind.parse(fallback);
  if (parsed === undefined) throw new Error(`"${fallback}" is not ${kind.shape}`);
  return { ...words, ...kind, default: fallback, fallback: () => parsed.value };
}

/** A key that may be absent. Written empty it is absent as well, unless empty means something to its kind. */
export function optionalKey<T>(kind: Kind<T>, words: Words): Key<T | undefined> {
  const parse: Key<T | undefined>['parse'] = (text) =>
    kind.parse(text) ?? (text === '' ? { value: undefined } : undefined);
  return { ...words, shape: kind.shape, parse, default: undefined, fallback: () => undefined };
}
