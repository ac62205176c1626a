/**
 * MHA's order of blocks, which breaks every tie in an election: by the first number in the names when every name has
 * one (server2 before server10), by name otherwise.
 */
export function orderBlocks<T extends { readonly name: string }>(blocks: readonly T[]): readonly T[] {
  const numbers = blocks.map((block) => /\d+/.exec(block.name)?.[0]);
  const byNumber = numbers.every((number) => number !== undefined);
  return [...blocks].sort(
    (a, b) => (byNumber ? firstNumber(a.name) - firstNumber(b.name) : 0) || compareText(a.name, b.name),
  );
}

function firstNumber(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

/** By code unit, as Perl's sort does without a locale. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
