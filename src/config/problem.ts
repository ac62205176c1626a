import { Fault } from '../model/fault.js';

/** Something wrong in a configuration file: where, why, and what to write instead. Never carries a secret's text. */
export interface Problem {
  readonly file: string;
  /** Counted from 1; 0 where no line is to blame. */
  readonly line: number;
  readonly reason: string;
  readonly fix: string;
}

/** More would only hide what is to be done: a file of another kind has thousands. */
const mostNamed = 20;

/** What stands in a file is shown on a terminal, so nothing in it may be a command to the terminal. */
const longestReason = 200;

/** Throws CONF_INVALID for the first problem, naming the others, so that one run shows all there is to repair. */
export function refuseProblems(problems: readonly Problem[]): void {
  const [first, ...others] = problems;
  if (first === undefined) return;
  const named = others.slice(0, mostNamed).map(describeProblem);
  const rest = others.length - named.length;
  const more = rest === 0 ? [] : [`and ${String(rest)} lines more`];
  throw new Fault('CONF_INVALID', { ...first, reason: printable(first.reason), others: [...named, ...more] });
}

function describeProblem({ file, line, reason }: Problem): string {
  return `${file}${line === 0 ? '' : `:${String(line)}`}: ${printable(reason)}`;
}

function printable(text: string): string {
  const plain = text.replaceAll(/\p{Cc}/gu, '\uFFFD');
  return plain.length > longestReason ? `${plain.slice(0, longestReason)}...` : plain;
}
