import { expect, it } from 'vitest';
import { planLines } from '../../src/cli/show-plan.js';

it('shows who is repointed behind who is promoted, though what a late replica needs is planned before', () => {
  const steps = ['freeze', 'repoint', 'promote', 'repoint'].map((phase, index) => {
    return { id: String(index), phase, title: `step ${String(index)}`, does: [] };
  });
  expect(planLines(steps)).toEqual([
    'Freeze the replicas',
    '  step 0',
    'Phase 5: promote',
    '  step 2',
    'Phase 6: repoint the rest',
    '  step 1',
    '  step 3',
  ]);
});
