/**
 * Splits a line into words as a shell would, quotes and backslashes included; nothing is expanded. An open quote
 * ends with the line: the words of a configuration file are read as far as they go.
 */
export function shellWords(line: string): readonly string[] {
  const words: string[] = [];
  // Three ways to write a piece of a word: '...', "..." with \" and \\, and bare text with \x.
  const piece = /\s+|'([^']*)'?|"((?:\\[\s\S]|[^"\\])*)"?|\\([\s\S]?)|[^\s'"\\]+/gy;
  let word: string | undefined;
  for (const [text, single, double, escaped] of line.matchAll(piece)) {
    if (/^\s/.test(text)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + (single ?? unescapeDouble(double) ?? escaped ?? text);
    }
  }
  if (word !== undefined) words.push(word);
  return words;
}

function unescapeDouble(text: string | undefined): string | undefined {
  return text?.replace(/\\(["\\$`])/g, '$1');
}
