import { describe, expect, it } from 'vitest';
import { describeStatements, longUpdates, longWork } from '../../src/failover/long-statements.js';
import type { RunningStatement } from '../../src/ports/servers.js';

const running = (seconds: number, verb: string): RunningStatement => ({ connectionId: 7, user: 'app', seconds, verb });

describe('statements that run for long', () => {
  it.each([
    ['an update at the limit', running(1, 'UPDATE'), 1, false],
    ['an update beyond it', running(2, 'UPDATE'), 1, true],
    ['what is not known', running(2, 'Query'), 1, true],
    ['a select', running(900, 'select'), 1, false],
    ['a show', running(900, 'SHOW'), 1, false],
    ['an update with no limit', running(900, 'UPDATE'), undefined, false],
    ['an update that began now, with none allowed', running(0, 'UPDATE'), 0, false],
  ])('on the old source: %s', (_what, statement, limit, isLong) => {
    expect(longUpdates([statement], limit)).toEqual(isLong ? [statement] : []);
  });

  it.each([
    ['a select at the limit', running(10, 'SELECT'), 10, true],
    ['one below it', running(9, 'SELECT'), 10, false],
    ['one with no limit', running(900, 'SELECT'), undefined, false],
  ])('on the new source: %s', (_what, statement, limit, isLong) => {
    expect(longWork([statement], limit)).toEqual(isLong ? [statement] : []);
  });

  it('shows ten, by who and how long, never by their text', () => {
    const text = describeStatements(Array.from({ length: 12 }, () => running(3, 'GRANT')));
    expect(text).toMatch(/^7 \(app, 3 s: GRANT \.\.\.\); .*; and 2 more$/);
  });
});
