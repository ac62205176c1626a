/**
 * `npm run bench [-- PART ...] [-- --runs N]`: what is promised in figures, measured on a real cluster from outside. Exit 0
 * when every target is met. Parts that ran with their full number of runs are written to docs/benchmarks.md.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import chalk from 'chalk';
import { describeError } from '../model/fault.js';
import { applyPart } from './bench/apply.js';
import { bytes } from './bench/bytes.js';
import { checks } from './bench/checks.js';
import { kill9 } from './bench/kill9.js';
import { link } from './bench/link.js';
import { memory } from './bench/memory.js';
import { benchmarkPage, machine, presentLoad, type Result, summaryLine } from './bench/page.js';
import { figuresOf, isMissed, type Part, type Sample } from './bench/part.js';
import { switchPart } from './bench/switch.js';
import { tail } from './bench/tail.js';
import { runCommand } from './command.js';
import { familyOf, reasonAgainst } from './family/choose.js';
import type { FamilyName } from './family/family.js';
import { checkout } from './places.js';

const parts: readonly Part[] = [
  kill9,
  switchPart,
  checks,
  tail,
  memory,
  applyPart('mariadb', 'MariaDB'),
  applyPart('mysql97', 'MySQL 9'),
  applyPart('mysql56', 'MySQL 5.6'),
  bytes,
  link,
];

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

interface BenchOptions {
  readonly chosen: readonly Part[];
  readonly runs: number | undefined;
}

function readOptions(): BenchOptions {
  const { values, positionals } = parseArgs({ options: { runs: { type: 'string' } }, allowPositionals: true });
  const unknown = positionals.filter((name) => !parts.some((part) => part.name === name));
  if (unknown.length > 0) {
    throw new Error(`no such part: ${unknown.join(', ')}; there are ${parts.map(({ name }) => name).join(', ')}`);
  }
  const runs = values.runs === undefined ? undefined : Number(values.runs);
  if (runs !== undefined && (!Number.isInteger(runs) || runs < 1))
    throw new Error('--runs is a whole number from 1 on');
  const chosen = positionals.length === 0 ? parts : parts.filter(({ name }) => positionals.includes(name));
  return { chosen, runs };
}

async function measure(part: Part, runs: number): Promise<Result> {
  const server = await serverText(part.family ?? 'mariadb');
  say(chalk.bold(`${part.name}: ${part.title}`));
  const [at, load] = [new Date(), presentLoad()];
  const samples: Sample[] = [];
  for (let run = 1; run <= runs; run += 1) {
    const sample = await part.run();
    samples.push(sample);
    const values = Object.entries(sample).map(([key, value]) => `${key} ${value.toFixed(2)}`);
    say(chalk.dim(`  run ${String(run)} of ${String(runs)}: ${values.join(', ')}`));
  }
  const figures = figuresOf(part, samples);
  for (const figure of figures) say((isMissed(figure) ? chalk.red : chalk.green)(`  ${summaryLine(figure)}`));
  return { part, figures, server, at, load };
}

async function serverText(name: FamilyName): Promise<string> {
  const { title, programs } = familyOf(name);
  const said = await runCommand([...programs().server, '--version']);
  return `${title} ${/Ver (\S+)/.exec(said)?.[1] ?? 'of an unknown version'}`;
}

async function writePage(result: Result): Promise<void> {
  const file = join(checkout, 'docs', 'benchmarks.md');
  const before = await readFile(file, 'utf8').catch(() => '');
  const order = parts.map(({ name }) => name);
  await writeFile(file, benchmarkPage(before, order, [result]));
  say(`written to ${file}`);
}

async function main(): Promise<void> {
  const { chosen, runs } = readOptions();
  say(machine());
  const results: Result[] = [];
  for (const part of chosen) {
    const reason = reasonAgainst(part.family ?? 'mariadb');
    if (reason !== undefined) {
      say(chalk.yellow(`${part.name} is left out: ${reason}`));
      continue;
    }
    const result = await measure(part, runs ?? part.runs);
    results.push(result);
    // At once: what was measured stays measured when a later part breaks off.
    if ((runs ?? part.runs) >= part.runs) await writePage(result);
  }
  process.exitCode = results.some(({ figures }) => figures.some(isMissed)) ? 1 : 0;
}

await main().catch((error: unknown) => {
  process.stderr.write(`${chalk.red(describeError(error))}\n`);
  process.exitCode = 1;
});
