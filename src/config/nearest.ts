/** What is longer is no misspelt word, and comparing it letter by letter would take minutes where a line has megabytes. */
const longestWord = 100;

/** The known word that a misspelt one most likely means; undefined when none is close. */
export function nearestWord(written: string, known: readonly string[]): string | undefined {
  if (written.length > longestWord) return undefined;
  const wanted = written.toLowerCase().replaceAll('-', '_');
  const ranked = known.map((word) => ({ word, steps: editDistance(wanted, word) })).sort((a, b) => a.steps - b.steps);
  const best = ranked[0];
  return best !== undefined && best.steps <= Math.max(2, Math.floor(best.word.length / 4)) ? best.word : undefined;
}

/** Letters to insert, remove or replace to make one word of the other. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
