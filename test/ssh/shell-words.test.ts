import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote } from '../../src/ssh/quote.js';
import { shellWords } from '../../src/ssh/shell-words.js';

describe('shellWords', () => {
  it.each([
    ['', []],
    ['  -i  key ', ['-i', 'key']],
    [`-o 'A=b c'`, ['-o', 'A=b c']],
    [`-o "A=\\"b\\" c\\d"`, ['-o', 'A="b" c\\d']],
    ['a\\ b c', ['a b', 'c']],
    [`a''b ''`, ['ab', '']],
    [`'open to the end`, ['open to the end']],
    ['tail\\', ['tail']],
  ])('%s', (line, words) => {
    expect(shellWords(line)).toEqual(words);
  });

  it('reads back what quote has written', () => {
    const word = fc.string().map((text) => text.replaceAll('\0', ''));
    fc.assert(
      fc.property(fc.array(word), (words) => {
        expect(shellWords(words.map(quote).join(' '))).toEqual(words);
      }),
    );
  });
});
