import { describe, expect, it } from 'vitest';
import { doctorLines } from '../../../src/cli/doctor/lines.js';

const diagnosis = { works: [], unneeded: [], change: [] };

describe('what doctor prints', () => {
  it.each([
    [['GRANT SELECT ON *.* TO mha'], '  GRANT SELECT ON *.* TO mha'],
    [[], '  (not known: no server answers)'],
  ])('ends with the smallest rights, where a server has told its version: %s', (grants, last) => {
    const lines = doctorLines(diagnosis, grants);
    expect(lines.slice(lines.indexOf('The smallest rights of the accounts') + 1)).toEqual([last, '']);
  });
});
