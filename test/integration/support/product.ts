import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/sandbox/cluster.js';
import { checkout } from '../../../src/sandbox/places.js';
import { until, within } from '../../../src/sandbox/wait.js';
import { type RunResult, resultOf } from './run-in.js';

/** The product as a user starts it: its command line on the manager's host. */
export interface ProductRun {
  readonly name: string;
  /** Everything it has written so far, both streams. */
  text(): string;
  /** Resolves when it has written that. */
  says(words: string, deadlineMs?: number): Promise<void>;
  /** Its end, with exit code and output. */
  end(deadlineMs?: number): Promise<RunResult>;
  signal(signal: NodeJS.Signals): void;
  running(): boolean;
  /** Types a line; only where it was given a terminal or a pipe to read from. */
  type(line: string): void;
}

const usuallyKilledAfterMs = 240_000;

export function startProduct(
  cluster: Cluster,
  [command = '', ...rest]: readonly string[],
  killedAfterMs = usuallyKilledAfterMs,
): ProductRun {
  const words = [join(checkout, 'bin', 'run.js'), command, '--conf', cluster.confFile, ...rest];
  return startProgram(cluster, command, words, 'nothing', killedAfterMs);
}

/** What it reads answers from; the lines are given with `type`. */
type Reading = 'nothing' | 'pipe' | 'terminal';

/** The same under one of MHA's names; the words are MHA's, and nothing is added to them. */
export function startOldName(
  cluster: Cluster,
  name: string,
  words: readonly string[],
  reading: Reading = 'nothing',
): ProductRun {
  return startProgram(cluster, name, [join(checkout, 'bin', `${name}.js`), ...words], reading);
}

function startProgram(
  cluster: Cluster,
  command: string,
  words: readonly string[],
  reading: Reading = 'nothing',
  killedAfterMs = usuallyKilledAfterMs,
): ProductRun {
  const program = ['node', ...words];
  // `script` gives it a pseudo-terminal, and types there what comes through the pipe.
  // With a size, as every real one has: without one nothing is drawn.
  const sized = `stty cols 120 rows 40; exec ${program.map((word) => `'${word}'`).join(' ')}`;
  const argv = reading !== 'terminal' ? program : ['script', '-qefc', sized, '/dev/null'];
  const input = reading === 'nothing' ? 'ignore' : 'pipe';
  const child = cluster.spawnIn('manager', argv, { stdio: [input, 'pipe', 'pipe'], cwd: cluster.workdir });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (text += String(piece)));
  const ended = resultOf(child, killedAfterMs);
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    name: command,
    text: () => text,
    says: async (wanted, deadlineMs = 30_000) => {
      const seen = (): boolean => text.includes(wanted) || !running();
      await until(seen, { what: `see ${command} say "${wanted}"`, deadlineMs, epitaph: () => text.slice(-3000) });
      if (!text.includes(wanted)) throw new Error(`${command} ended without saying "${wanted}":\n${text.slice(-3000)}`);
    },
    end: (deadlineMs = 120_000) => within(ended, `see ${command} end`, deadlineMs),
    signal: (signal) => child.kill(signal),
    type: (line) => void child.stdin?.write(`${line}\n`),
    running,
  };
}

/** The manager watches once its status file says so. */
export async function watching(cluster: Cluster, run: ProductRun): Promise<void> {
  const watches = (): boolean => !run.running() || statusText(cluster).includes('0:PING_OK');
  await until(watches, { what: 'see the manager watch db1', deadlineMs: 60_000, epitaph: () => run.text() });
  if (!run.running()) throw new Error(`The manager ended before anything had happened:\n${run.text()}`);
}

/** MHA's status file; empty while there is none. */
export function statusText(cluster: Cluster): string {
  try {
    return readFileSync(join(cluster.workdir, 'app1.master_status.health'), 'utf8');
  } catch {
    return '';
  }
}

export interface RunReport {
  readonly exit: number;
  readonly newSource?: string;
  readonly losses: readonly string[];
  readonly servers: readonly {
    readonly server: string;
    readonly role: string;
    readonly why?: string;
    readonly next?: string;
  }[];
  readonly rescued: readonly { readonly kind: string; readonly copy?: string; readonly defect?: string }[];
  readonly evidence: { readonly code: string };
  readonly refusal?: { readonly code: string };
}

/** What the only run of this cluster left behind; undefined when there was none. */
export interface RunFolder {
  readonly path: string;
  readonly report: RunReport;
  /** Saved pieces of binary logs. */
  readonly saved: readonly string[];
}

export function runFolderOf(cluster: Cluster): RunFolder | undefined {
  const folders = readdirSync(cluster.workdir).filter((name) => /^app1-.*-failover$/.test(name));
  const [name] = folders;
  if (name === undefined) return undefined;
  if (folders.length > 1) throw new Error(`more than one run: ${folders.join(', ')}`);
  const path = join(cluster.workdir, name);
  const report: unknown = JSON.parse(readFileSync(join(path, 'report.json'), 'utf8'));
  if (!isReport(report)) throw new Error(`no report: ${path}`);
  const saved = readdirSync(path).filter((file) => file.startsWith('mysql-bin.'));
  return { path, report, saved: saved.map((file) => join(path, file)).filter((file) => statSync(file).isFile()) };
}

function isReport(value: unknown): value is RunReport {
  return typeof value === 'object' && value !== null && 'exit' in value && 'losses' in value && 'servers' in value;
}
