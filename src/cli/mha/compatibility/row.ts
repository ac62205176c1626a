/** How something of MHA fares here. */
export type Verdict = 'works' | 'better' | 'unneeded';

/** A test by its file below `test/` and its title; of a test with cases, the title or the first text of a case. */
export type TestReference = `${string}test.ts › ${string}`;

export interface Row {
  readonly verdict: Verdict;
  /** What is better, or why nobody needs it. */
  readonly why?: string;
  readonly tests: readonly TestReference[];
}

export type Rows = Readonly<Record<string, Row>>;

type Tests = readonly [TestReference, ...TestReference[]];

export function works(...tests: Tests): Row {
  return { verdict: 'works', tests };
}

export function better(why: string, ...tests: Tests): Row {
  return { verdict: 'better', why, tests };
}

export function unneeded(why: string, ...tests: Tests): Row {
  return { verdict: 'unneeded', why, tests };
}

/** The real servers' test of MHA's commands. */
export const living = 'integration/mha-commands.itest.ts › check, look, purge, ask and switch';
export const dying = 'integration/mha-commands.itest.ts › monitor, manage, tell, stop, and fail over by hand';
