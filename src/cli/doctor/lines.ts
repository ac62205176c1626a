import { findingLines } from '../../report/findings.js';
import type { Diagnosis } from './diagnose.js';

const nothing = ['(nothing)'];
const notKnown = ['(not known: no server answers)'];

/** What doctor prints: three chapters, and the statements for the accounts. */
export function doctorLines({ works, unneeded, change }: Diagnosis, grants: readonly string[]): readonly string[] {
  return [
    ...chapter('Works as it is', works),
    ...chapter('Not needed any more', [
      ...unneeded,
      'SSH from host to host, and the client programs there: only this machine has to reach the hosts',
    ]),
    ...chapter('To change', findingLines(change)),
    // They depend on the server: who has not answered cannot be told what to grant.
    ...chapter('The smallest rights of the accounts', grants.length === 0 ? notKnown : grants),
  ];
}

function chapter(title: string, lines: readonly string[]): readonly string[] {
  return [title, ...(lines.length === 0 ? nothing : lines).map((line) => `  ${line}`), ''];
}
