/** One word for a POSIX shell. Inside single quotes nothing but the quote itself has a meaning. */
export function quote(word: string): string {
  // A NUL byte cannot be part of an argument at all; dropping it silently would name another file.
  if (word.includes('\0')) throw new RangeError('a shell word cannot hold a NUL byte');
  if (/^[A-Za-z0-9_/.:,@%+=-]+$/.test(word) && !word.startsWith('=')) return word;
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** A command line of quoted words. */
export function command(...words: readonly string[]): string {
  return words.map(quote).join(' ');
}
