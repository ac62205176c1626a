import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Cluster } from '../../../src/sandbox/cluster.js';

export interface RunResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a host to its end; past the deadline it is killed and the signal says so. */
export async function runIn(
  cluster: Cluster,
  host: string,
  argv: readonly string[],
  options: { readonly deadlineMs?: number; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunResult> {
  const child = cluster.spawnIn(host, argv, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: cluster.workdir,
    ...(options.env === undefined ? {} : { env: options.env }),
  });
  return resultOf(child, options.deadlineMs ?? 60_000);
}

/** The end of a program started with `spawnIn` and piped output. */
export async function resultOf(child: ChildProcess, deadlineMs: number): Promise<RunResult> {
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (piece: Buffer) => out.push(piece));
  child.stderr?.on('data', (piece: Buffer) => err.push(piece));
  await once(child, 'close');
  clearTimeout(timer);
  const { exitCode: code, signalCode: signal } = child;
  return { code, signal, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) };
}
