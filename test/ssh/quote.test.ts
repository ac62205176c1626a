import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { command, quote } from '../../src/ssh/quote.js';

const anyWord = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', ''));

describe('quote', () => {
  it('leaves plain words readable', () => {
    expect(quote('/var/lib/mysql/bin.000001')).toBe('/var/lib/mysql/bin.000001');
  });

  it('quotes what a shell would read as something else', () => {
    expect(quote('')).toBe("''");
    expect(quote("it's")).toBe(`'it'\\''s'`);
    expect(quote('~root')).toBe("'~root'");
    expect(quote('=ls')).toBe("'=ls'");
  });

  it('refuses a NUL byte, which no argument can hold', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });

  it('brings every list of words through a real shell unchanged', () => {
    const all = fc.sample(fc.array(anyWord, { minLength: 1, maxLength: 8 }), { numRuns: 60 });
    const nasty = ['-n', '*', '$HOME', '`id`', '$(id)', '!!', 'a\nb', '\\', "'", '"', '#x', '; id', '\u{1F600}'];
    for (const words of [...all, nasty]) {
      const script = `for word in ${command(...words)}; do printf '%s\\0' "$word"; done`;
      const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8' });
      expect(printed.split('\0').slice(0, -1)).toEqual(words);
    }
  });
});
