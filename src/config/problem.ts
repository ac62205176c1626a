import { Fault } from '../model/fault.js';

/** Something wrong in a configuration file: where, why, and what to write instead. Never carries a secret's text. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 0 where no line is to blame. */
  readonly line: number;
  readonly reason: string;
  readonly fix: string;
}

/** Throws CONF_INVALID for the first problem, naming the others, so that one run shows all there is to repair. */
export function refuseProblems(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  throw new Fault('CONF_INVALID', { ...first, others: others.map(describeProblem) });
}

function describeProblem(problem: Problem): string {
  return `${problem.file}:${String(problem.line)}: ${problem.reason}`;
}
