import chalk from 'chalk';
import type { Proof } from './proof.js';
import type { ServerState } from './proof-reader.js';

export function tell(text: string): void {
  process.stdout.write(`${chalk.cyan('demo │')} ${text}\n`);
}

export interface DemoResult {
  readonly proof: Proof;
  /** Acknowledged rows that no replica held when the source died, and how many of them are there now. */
  readonly onDeadDiskOnly: number;
  readonly rescued: number;
  readonly managerExit: number | null;
}

/** Prints the proof, one fact in a line. */
export function tellProof(result: DemoResult): void {
  const { proof, managerExit } = result;
  tell('');
  tell(chalk.bold('The proof, read from the servers and the writer - not from what the manager says:'));
  for (const [name, value] of facts(result)) tell(`  ${name.padEnd(34)}${value}`);
  for (const server of proof.servers) tell(`  ${server.name.padEnd(34)}${describeServer(server)}`);
  for (const problem of proof.problems) tell(chalk.red(`  ✘ ${problem}`));
  if (managerExit !== 0) tell(chalk.red(`  ✘ the manager ended with exit code ${String(managerExit)}`));
  tell(holds(result) ? chalk.green.bold('  ✔ Nothing was lost.') : chalk.red.bold('  The proof does not hold.'));
}

export function holds({ proof, managerExit, onDeadDiskOnly }: DemoResult): boolean {
  // A run without anything on the dead disk alone would prove nothing.
  return proof.problems.length === 0 && managerExit === 0 && onDeadDiskOnly > 0;
}

function facts({ proof, onDeadDiskOnly, rescued }: DemoResult): readonly (readonly [string, string])[] {
  const { outage } = proof;
  return [
    ['outage seen by the writer', outage === undefined ? 'not seen' : `${(outage.ms / 1000).toFixed(2)} s`],
    ['rows acknowledged', String(proof.acknowledged)],
    ['of these on the dead disk only', String(onDeadDiskOnly)],
    ['rescued from there', String(rescued)],
    ['rows lost', mark(proof.lost.length)],
    ['rows applied twice', mark(proof.twice.length)],
    ['servers that take writes', proof.writable.join(', ') || 'none'],
  ];
}

function mark(count: number): string {
  return count === 0 ? chalk.green('0') : chalk.red(String(count));
}

function describeServer(server: ServerState): string {
  const sums = [...server.tables].map(([table, { checksum, rows }]) => {
    const name = table.replaceAll('`', '');
    return `${name} ${rows} rows, checksum ${checksum}`;
  });
  return sums.join('; ');
}
