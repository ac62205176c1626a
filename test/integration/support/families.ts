import { describe, type TestContext } from 'vitest';
import { reasonAgainst } from '../../../src/sandbox/family/choose.js';
import { type FamilyName, familyNames, type ReplicationMode } from '../../../src/sandbox/family/family.js';
import { describeWithServers } from './with-cluster.js';

/** Everything there is; `npm test` leaves out what takes long and proves little more. */
export const isMatrix = process.env['MHA_TS_MATRIX'] === '1';

/** What a cluster is made of in one run of a proof. */
export interface Setting {
  readonly family: FamilyName;
  readonly mode: ReplicationMode;
}

/** The one place that says what proofs run on: `npm test` on MariaDB, the matrix on every family. */
const families: readonly FamilyName[] = isMatrix ? familyNames : ['mariadb'];
export const modes: readonly ReplicationMode[] = ['coordinates', 'gtid'];

/** Proofs by size or by repetition are done once, where the servers are quickest. */
export function isThorough({ family }: Setting): boolean {
  return isMatrix && family === 'mariadb';
}

/** The same tests for each family that is on today; skipped, with the reason, where it cannot be had. */
export function describeFamilies(title: string, tests: (family: FamilyName) => void): void {
  describeWithServers(title, () => {
    for (const family of families) describeFamily(family, family, () => tests(family));
  });
}

/** The same tests for each family that is on today, in both modes. For use inside `describeWithServers`. */
export function eachSetting(tests: (setting: Setting) => void): void {
  inModes(() => modes, tests);
}

/** Both modes where the servers are quickest; in the matrix each other family in the one that the other does not have. */
export function someModes(family: FamilyName): readonly ReplicationMode[] {
  if (family === 'mariadb') return modes;
  return [family === 'mysql97' ? 'gtid' : 'coordinates'];
}

/** For what hardly depends on the mode and takes long: not every mode of every family. */
export function someSettings(tests: (setting: Setting) => void): void {
  inModes(someModes, tests);
}

function inModes(modesOf: (family: FamilyName) => readonly ReplicationMode[], tests: (setting: Setting) => void): void {
  for (const family of families)
    for (const mode of modesOf(family)) describeFamily(`${family}, ${mode}`, family, () => tests({ family, mode }));
}

/** What goes beyond the main job and the smoke of each family. */
export function describeInMatrix(title: string, tests: () => void): void {
  if (isMatrix) describeWithServers(title, tests);
  else describe.skip(`${title} (skipped: the matrix runs it)`, tests);
}

function describeFamily(title: string, family: FamilyName, tests: () => void): void {
  const reason = reasonAgainst(family);
  if (reason === undefined) describe(title, tests);
  else describe.skip(`${title} (skipped: ${reason})`, tests);
}

/** Skips one test, with the reason, where there can be no server of that family. */
export function needFamily(family: FamilyName, { skip }: Pick<TestContext, 'skip'>): void {
  const reason = reasonAgainst(family);
  if (reason !== undefined) skip(reason);
}
