import { describe, expect, it } from 'vitest';
import { parseListing, runFrom } from '../../src/recovery/listing.js';

describe('the listing of a binary log', () => {
  it('keeps numbered files of the base name only, in numeric order', () => {
    const text = [
      '77 ./bin.1000000',
      '4 ./bin.999999',
      '12 ./bin.index',
      '9 ./bin.000001.gz',
      '8 ./other.000003',
      'rubbish',
      '5 bin.000002',
    ].join('\n');
    expect(parseListing(text, 'bin')).toEqual([
      { file: 'bin.000002', size: 5 },
      { file: 'bin.999999', size: 4 },
      { file: 'bin.1000000', size: 77 },
    ]);
  });

  it('takes a base name as it is, not as a pattern', () => {
    expect(parseListing('1 ./a.b.000001\n2 ./axb.000002\n', 'a.b')).toEqual([{ file: 'a.b.000001', size: 1 }]);
  });
});

describe('the run of files from a place on', () => {
  const files = (...numbers: number[]) =>
    numbers.map((number) => ({ file: `bin.${String(number).padStart(6, '0')}`, size: 1 }));

  it('is everything from the first file on when the numbers follow on each other', () => {
    expect(runFrom(files(3, 4, 5, 6), 'bin.000004')).toEqual({ run: files(4, 5, 6) });
  });

  it('ends before a missing number and names the file before it', () => {
    expect(runFrom(files(4, 5, 8, 9), 'bin.000004')).toEqual({ run: files(4, 5), missingAfter: 'bin.000005' });
  });

  it('crosses the border to more digits', () => {
    expect(runFrom(files(999_999, 1_000_000), 'bin.999999').run).toHaveLength(2);
  });

  it('is empty when the log ends before', () => {
    expect(runFrom(files(1), 'bin.000002')).toEqual({ run: [] });
  });
});
