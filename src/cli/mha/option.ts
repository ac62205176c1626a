/** One option of a command of MHA, as its users write it. */
export interface MhaOption {
  /** Its name and its other names, in MHA's spelling. */
  readonly names: readonly [string, ...string[]];
  readonly takes: 'nothing' | 'text' | 'number';
  /** Every occurrence counts; without it the last one wins. */
  readonly many?: true;
  /** Stands for the value in help. */
  readonly value?: string;
  readonly says: string;
  /** MHA does not know it. It is never abbreviated, so that no abbreviation of MHA's becomes ambiguous by it. */
  readonly ours?: true;
}

export function flag(names: MhaOption['names'], says: string): MhaOption {
  return { names, takes: 'nothing', says };
}

export function text(names: MhaOption['names'], value: string, says: string): MhaOption {
  return { names, takes: 'text', value, says };
}

export function number(names: MhaOption['names'], value: string, says: string): MhaOption {
  return { names, takes: 'number', value, says };
}
