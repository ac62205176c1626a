import { describe, expect, it } from 'vitest';
import { recordEnd } from '../../src/failover/record-end.js';
import type { RunOutcome } from '../../src/model/outcome.js';
import type { Journal } from '../../src/ports/workdir.js';

const outcome = { exit: 0, newSource: 'b:3306', warnings: ['one'] } as unknown as RunOutcome;
const journal = (append: Journal['append']): Journal => ({ append, close: () => Promise.resolve() });

describe('the end of a run', () => {
  it('is recorded', async () => {
    const lines: unknown[] = [];
    const ended = await recordEnd(
      outcome,
      journal((line) => Promise.resolve(void lines.push(line))),
    );
    expect(ended).toBe(outcome);
    expect(lines).toEqual([{ what: 'end', data: { exit: 0 } }]);
  });

  it('is told although the disk is full', async () => {
    const ended = await recordEnd(
      outcome,
      journal(() => Promise.reject(new Error('ENOSPC'))),
    );
    expect(ended).toMatchObject({ exit: 0, newSource: 'b:3306' });
    expect(ended.warnings).toEqual(['one', expect.stringContaining('ENOSPC')]);
  });
});
