import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLines } from '../../src/config/read-lines.js';
import { mergeThroughIni } from '../../src/config/through-ini.js';

describe('lines of a configuration file', () => {
  it.each([
    ['a = b', 'a', 'b'],
    ['  a=b  ', 'a', 'b'],
    ['a=', 'a', ''],
    ['a = b = c', 'a', 'b = c'],
    ['a=b # c', 'a', 'b # c'],
    ['a=b ; c', 'a', 'b'],
    ['a=b ;', 'a', 'b ;'],
    ['a=b;c', 'a', 'b;c'],
    ['a b = "c"', 'a b', '"c"'],
    ['\ufeffa=b', 'a', 'b'],
  ])('%j is a pair', (text, key, value) => {
    expect(readLines(text)).toEqual([{ kind: 'value', line: 1, key, text: value }]);
  });

  it.each(['', '   ', '# a=b', ' ; a=b', ';'])('%j says nothing', (text) => {
    expect(readLines(text)).toEqual([]);
  });

  it.each(['novalue', '=b', '[]', '[oops', '[a] # c', 'a: 1'])('%j cannot be read', (text) => {
    expect(readLines(text)).toEqual([{ kind: 'unreadable', line: 1, hasNul: false }]);
  });

  it.each([
    ['[ server 1 ]', 'server 1'],
    ['  [server1]  ', 'server1'],
    ['[server1] ; c', 'server1'],
    ['[a]]', 'a]'],
  ])('%j begins a block', (text, name) => {
    expect(readLines(text)).toEqual([{ kind: 'block', line: 1, name }]);
  });

  it('counts lines over every kind of line end', () => {
    expect(readLines('a=1\r\nb=2\rc=3\n\nd=4').map((line) => line.line)).toEqual([1, 2, 3, 5]);
  });
});

const letters = fc.string({
  unit: fc.constantFrom(...Array.from('ab.]["\'#;=\\ \ttrue\u00e9{}$%:,0')),
  minLength: 1,
  maxLength: 12,
});
const blockName = letters.map((text) => `server${text.replaceAll('\\', '')}`.trimEnd());
const keyName = fc.constantFrom('user', 'password', 'port', 'constructor', 'toString', 'a b', 'a.b', '"x"');

describe('merging', () => {
  it('keeps every name and value as it was written, the last of repeated keys', () => {
    const setting = fc.record({ block: blockName, key: keyName, text: fc.string({ unit: 'binary', maxLength: 20 }) });
    fc.assert(
      fc.property(fc.array(setting, { maxLength: 12 }), (settings) => {
        const lines = settings.flatMap(({ block, key, text }, index) => [
          { kind: 'block' as const, line: index, name: block },
          { kind: 'value' as const, line: index, key, text },
        ]);
        const wanted = new Map<string, Map<string, { line: number; text: string }>>();
        for (const [line, { block, key, text }] of settings.entries()) {
          const values = wanted.get(block) ?? new Map<string, { line: number; text: string }>();
          wanted.set(block, values.set(key, { line, text }));
        }
        expect(mergeThroughIni(lines)).toEqual(wanted);
      }),
    );
  });

  it('keeps characters that some take for the end of a line', () => {
    for (const text of ['\u2028', 'a\u2029b', '\u0085', '\u00a0'])
      expect(
        mergeThroughIni([
          { kind: 'block', line: 1, name: 'server1' },
          { kind: 'value', line: 2, key: 'password', text },
        ]).get('server1'),
      ).toEqual(new Map([['password', { line: 2, text }]]));
  });

  it('never throws on any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const lines = readLines(text);
        expect(lines.every((line) => line.line > 0)).toBe(true);
      }),
    );
  });
});
