import { describeOrigin, type EffectiveValue } from '../config/effective.js';
import { isUnneeded } from '../config/keys.js';

/** Values in the form of the file they come from, each with its origin; blocks in the order of the configuration. */
export function configurationLines(values: readonly EffectiveValue[]): readonly string[] {
  const blocks = [...new Set(values.map(({ block }) => block))];
  return blocks.flatMap((block, index) => {
    const own = values.filter((value) => value.block === block);
    const width = Math.max(0, ...own.map((value) => assignment(value)?.length ?? 0));
    return [...(index === 0 ? [] : ['']), header(block), ...own.map((value) => line(value, width))];
  });
}

function header(block: string): string {
  return block === 'manager' ? '# the cluster as a whole\n[server default]' : `[${block}]`;
}

/** A key that nobody set is shown as a comment: written with an empty value it could mean something else. */
function line(value: EffectiveValue, width: number): string {
  const text = assignment(value);
  const use = isUnneeded(value.key) ? '; accepted and not needed' : '';
  if (text === undefined) return `# ${value.key}: not set${use}`;
  return `${text.padEnd(width)}  # ${describeOrigin(value.origin)}${use}`;
}

function assignment({ key, value }: EffectiveValue): string | undefined {
  return value === undefined ? undefined : `${key} = ${value}`;
}
