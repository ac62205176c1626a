import { describe, expect, it } from 'vitest';
import { findingLines } from '../../src/report/findings.js';
import { choosePaint } from '../../src/report/paint.js';

const note = {
  id: 'redundancy',
  severity: 'note',
  seen: 'One replica',
  matters: 'None is spare.',
  fix: 'Add one.',
} as const;
const refuse = {
  id: 'replica-threads',
  severity: 'refuse',
  seen: 'The applier of b:3306 is stopped: error 1062,\nDuplicate entry',
  matters: 'It cannot lead.',
  fix: 'Repair it',
} as const;

describe('findings', () => {
  it('gives each one line, what stops the command first', () => {
    expect(findingLines([note, refuse])).toEqual([
      'REFUSE replica-threads: The applier of b:3306 is stopped: error 1062, Duplicate entry. It cannot lead. Fix: Repair it.',
      'NOTE   redundancy: One replica. None is spare. Fix: Add one.',
    ]);
  });

  it('keeps the order of findings that weigh the same', () => {
    const ids = findingLines([note, { ...note, id: 'zz' }, { ...note, id: 'aa' }]).map((line) => line.split(/ +|:/)[1]);
    expect(ids).toEqual(['redundancy', 'zz', 'aa']);
  });

  it('paints a refusal red', () => {
    const [line] = findingLines([refuse], choosePaint({ env: { FORCE_COLOR: '1' }, isTTY: false }));
    expect(line).toContain('\u001B[31mREFUSE\u001B[39m');
  });
});
