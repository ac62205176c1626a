import type { KeyName } from './keys.js';

/** Where a value came from. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number }
  /** Printed by init_conf_load_script; `line` counts the lines of its output. */
  | { readonly kind: 'script'; readonly line: number }
  | { readonly kind: 'default' }
  | { readonly kind: 'resolved'; readonly from: string };

/** The text of a value, quotes removed, and its origin. May be a secret's text: it stays inside this room. */
export interface Written {
  readonly text: string;
  readonly origin: Origin;
}

/** Values of one level, by key. */
export type Layer = ReadonlyMap<KeyName, Written>;

export interface Block {
  readonly name: string;
  readonly line: number;
  readonly values: Layer;
}

export interface ConfFile {
  readonly file: string;
  /** In the order of the file; a block that occurs twice is one. */
  readonly blocks: readonly Block[];
}

export const defaultBlock = 'server default';

export function defaultsOf(conf: ConfFile | undefined): Layer {
  return conf?.blocks.find((block) => block.name === defaultBlock)?.values ?? new Map();
}
