import { cpus, loadavg, release, totalmem } from 'node:os';
import { type Figure, isMissed, median, type Part } from './part.js';

export interface Result {
  readonly part: Part;
  readonly figures: readonly Figure[];
  readonly server: string;
  readonly at: Date;
  readonly load: number;
}

const intro = `# Benchmarks

<!-- Written by \`npm run bench\`; changes made here are lost. -->

Measured on real servers in the sandbox (MariaDB where nothing else is said): one source, three replicas, manager and client, each on a host of its own
(network namespaces of one machine). The writer has 4 connections, notes each acknowledged row with the monotonic clock and
judges alone; what the manager says of itself is not asked. Each figure is the median of its runs, with the smallest and
the largest beside it. \`npm run bench -- PART ... [--runs N]\` measures some parts; the page is written only for parts that
ran with their full number of runs.
`;

const begin = (name: string): string => `<!-- part: ${name} -->`;
const end = '<!-- end -->';

/** The page with these results put in place of older ones of the same parts; the others stay as they were. */
export function benchmarkPage(before: string, order: readonly string[], results: readonly Result[]): string {
  const fresh = new Map(results.map((result) => [result.part.name, section(result)]));
  const sections = order.flatMap((name) => fresh.get(name) ?? oldSection(before, name) ?? []);
  return [intro, ...sections].join('\n');
}

function oldSection(page: string, name: string): string | undefined {
  const from = page.indexOf(begin(name));
  const to = page.indexOf(end, from);
  return from < 0 || to < 0 ? undefined : `${page.slice(from, to)}${end}\n`;
}

function section({ part, figures, server, at, load }: Result): string {
  const rows = figures.map((figure) => `| ${cells(figure).join(' | ')} |`);
  return `${begin(part.name)}

## ${part.title}

${part.method}

| figure | median | smallest | largest | runs | target | others, measured the same way |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

${at.toISOString().slice(0, 10)}, ${machine()}; ${server}; load before the first run ${load.toFixed(1)}.

${end}
`;
}

function cells(figure: Figure): readonly string[] {
  const { name, unit, digits, others, values } = figure;
  const show = (value: number): string => `${value.toFixed(digits)} ${unit}`.trim();
  const extremes = [Math.min(...values), Math.max(...values)].map(show);
  return [name, show(median(values)), ...extremes, String(values.length), targetOf(figure), others ?? ''];
}

function targetOf(figure: Figure): string {
  const { unit, atMost, atLeast } = figure;
  const limits = [
    ...(atMost === undefined ? [] : [`<= ${String(atMost)} ${unit}`.trim()]),
    ...(atLeast === undefined ? [] : [`>= ${String(atLeast)} ${unit}`.trim()]),
  ];
  return limits.length === 0 ? '' : `${limits.join(', ')}${isMissed(figure) ? ' (missed)' : ''}`;
}

export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${String(cpus().length)} x ${model}, ${String(memory)} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

export function presentLoad(): number {
  return loadavg()[0] ?? 0;
}

/** One line for a person who waits. */
export function summaryLine(figure: Figure): string {
  const [name, middle, low, high, runs, target] = cells(figure);
  return `${String(name)}: ${String(middle)} (${String(low)} to ${String(high)}, ${String(runs)} runs)${target === '' ? '' : `, target ${String(target)}`}`;
}
