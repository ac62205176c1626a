import fc from 'fast-check';
import mysql from 'mysql2';
import { describe, expect, it } from 'vitest';
import { Secret } from '../../src/model/secret.js';
import { statement } from '../../src/model/statement.js';
import { bind } from '../../src/mysql/bind.js';

const escape = (value: string | number): string => mysql.escape(value);

describe('bind', () => {
  it('puts values in place, numbers bare, text quoted, secrets revealed', () => {
    const item = statement(
      'CHANGE MASTER TO MASTER_HOST=?, MASTER_PORT=?, MASTER_PASSWORD=?',
      'a',
      1,
      new Secret("p'w"),
    );
    expect(bind(item, escape)).toBe("CHANGE MASTER TO MASTER_HOST='a', MASTER_PORT=1, MASTER_PASSWORD='p\\'w'");
  });

  it('leaves question marks inside values alone', () => {
    expect(bind(statement('SELECT ?, ?', '?', 2), escape)).toBe("SELECT '?', 2");
  });

  it('refuses a statement with too few or too many values', () => {
    expect(() => bind(statement('SELECT ?'), escape)).toThrow('placeholders');
    expect(() => bind(statement('SELECT 1', 1), escape)).toThrow('placeholders');
  });

  it('no text can end its quotes early', () => {
    fc.assert(
      fc.property(fc.string(), (value) => {
        const literal = bind(statement('?', value), escape);
        const inside = literal.slice(1, -1);
        expect(literal.startsWith("'") && literal.endsWith("'")).toBe(true);
        expect(/(^|[^\\])(\\\\)*'/.test(inside)).toBe(false);
        expect(/(\\\\)*\\$/.test(inside) && !/(^|[^\\])(\\\\)+$/.test(inside)).toBe(false);
      }),
    );
  });
});
