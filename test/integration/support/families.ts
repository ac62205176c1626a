import type { TestContext } from 'vitest';
import { reasonAgainst } from '../../../src/sandbox/family/choose.js';
import type { FamilyName } from '../../../src/sandbox/family/family.js';

/** Skips a test, with the reason, where there can be no server of that family. */
export function needFamily(family: FamilyName, { skip }: Pick<TestContext, 'skip'>): void {
  const reason = reasonAgainst(family);
  if (reason !== undefined) skip(`no server of the family ${family}: ${reason}`);
}
