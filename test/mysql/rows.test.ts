import { describe, expect, it } from 'vitest';
import { optionalNumber, optionalText, text, toRows } from '../../src/mysql/rows.js';
import { isOn, toVariables, variable } from '../../src/mysql/variables.js';

describe('rows', () => {
  it('are plain values: bytes become text, NULL stays', () => {
    expect(toRows([{ a: 1, b: 'x', c: null, d: Buffer.from('é'), e: true }])).toEqual([
      { a: 1, b: 'x', c: null, d: 'é', e: 'true' },
    ]);
  });

  it('of a statement without a result set are none', () => {
    expect(toRows({ affectedRows: 1 })).toEqual([]);
  });

  it('are read by the first name they have', () => {
    const row = { Master_Port: 3306, Seconds: null, Empty: '' };
    expect(optionalNumber(row, 'Source_Port', 'Master_Port')).toBe(3306);
    expect(optionalNumber(row, 'Seconds')).toBeUndefined();
    expect(optionalNumber(row, 'Empty')).toBeUndefined();
    expect(optionalText(row, 'Nothing')).toBeUndefined();
    expect(text(row, 'Nothing')).toBe('');
  });
});

describe('variables', () => {
  const variables = toVariables([
    { Variable_name: 'read_only', Value: 'ON' },
    { Variable_name: 'slave_net_timeout', Value: '60' },
  ]);

  it('are found under any of their names', () => {
    expect(variable(variables, 'replica_net_timeout', 'slave_net_timeout')).toBe('60');
    expect(variable(variables, 'gtid_mode')).toBeUndefined();
  });

  it.each([
    ['ON', true],
    ['1', true],
    ['NO_LOCK_NO_ADMIN', true],
    ['OFF', false],
    ['DISABLED', false],
    ['', false],
    [undefined, false],
  ])('%s is on: %s', (value, on) => {
    expect(isOn(value)).toBe(on);
  });
});
