import { describe, expect, it } from 'vitest';
import { withPort } from '../../src/cli/run-flags.js';

describe('host and port that MHA names apart', () => {
  it.each([
    ['db1', 3307, 'db1:3307'],
    ['fd00::1', 3307, '[fd00::1]:3307'],
    ['db1:3306', 3307, 'db1:3306'],
    ['[fd00::1]:3306', 3307, '[fd00::1]:3306'],
    ['fd00::1', undefined, 'fd00::1'],
    [undefined, 3307, undefined],
  ])('%s and %s are %s', (host, port, written) => {
    expect(withPort(host, port)).toBe(written);
  });
});
