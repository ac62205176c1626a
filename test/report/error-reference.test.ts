import { describe, expect, it } from 'vitest';
import { catalogue } from '../../src/model/catalogue.js';
import { errorReference } from '../../src/report/error-reference.js';
import { statusNames } from '../../src/workdir/status-codes.js';

const text = errorReference();

describe('the reference of errors', () => {
  it('has each error once, in order', () => {
    const codes = [...text.matchAll(/^### `(.+)`$/gm)].map(([, code]) => code);
    expect(codes).toEqual(Object.keys(catalogue).toSorted());
  });

  it('leaves no fact unnamed and prints no object', () => {
    expect(text).not.toMatch(/not known\)|undefined|\[object|NaN/);
  });

  it('lists every status code', () => {
    const rows = [...text.matchAll(/^\| (\d+) \| ([A-Z_]+) \|/gm)].map(([, code, name]) => [code, name]);
    expect(rows).toEqual(Object.entries(statusNames));
  });
});
