import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { HookRequest, HookResult } from '../ports/hooks.js';

/** Characters that only a shell gives a meaning; a value without them is words, and is run without one. */
const shellSyntax = /[\\'"`$&|;<>(){}[\]*?~#!\n=%]/;
const maxOutputBytes = 256 * 1024;
/** Between asking a hook's process group to end and ending it. */
const graceMs = 2_000;
/** How long an ended hook's output is still read. */
const drainMs = 200;
const secretMark = '********';

/** The program and its words. Arguments are never shell text: a shell gets them as positional parameters. */
export function commandLine({ command = '', args }: HookRequest): readonly string[] {
  const words = args.map(({ text }) => text);
  if (!shellSyntax.test(command)) return [...command.trim().split(/\s+/), ...words];
  return ['sh', '-c', `${command} "$@"`, 'sh', ...words];
}

/** The call as our log shows it. */
export function shownCall({ command = '', args }: HookRequest): string {
  const words = args.map(({ text, secret }) =>
    secret === true ? `${text.slice(0, text.indexOf('=') + 1)}${secretMark}` : text,
  );
  return [command, ...words].join(' ');
}

export interface HookLimits {
  readonly timeoutMs: number;
  readonly log: (line: string) => void;
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // ESRCH: the group has ended in the meantime, which is what was wanted.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/**
 * Runs one hook to its exit: in a process group of its own, within a deadline, its output bounded. It has ended when it
 * exits, not when its output closes: a script may leave a daemon behind that keeps the pipe.
 */
export async function runHook(request: HookRequest, limits: HookLimits, signal?: AbortSignal): Promise<HookResult> {
  if (request.command === undefined || request.command.trim() === '') return { outcome: 'not-configured', output: '' };
  limits.log(`${request.name}: ${shownCall(request)}`);
  const [program = 'sh', ...words] = commandLine(request);
  const child = start(program, words);
  if (child instanceof Error) return resultOf({ why: couldNot(child) }, '');
  const output = collect(child, request);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const ended = await untilExit(child, limits.timeoutMs, signal);
  // What the script wrote right before its exit is still in the pipe; a daemon that keeps the pipe is not waited for.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, drainMs).unref())]);
  child.stdout.destroy();
  child.stderr.destroy();
  const text = output();
  for (const line of text.split('\n').filter((part) => part !== '')) limits.log(`${request.name}: ${line}`);
  return resultOf(ended, text);
}

/** Most of what keeps a program from starting comes as an event; a too long argument list is thrown (Node 20). */
function start(program: string, words: readonly string[]): ChildProcessByStdio<null, Readable, Readable> | Error {
  try {
    return spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const couldNot = (error: Error): string => `could not be started: ${error.message}`;

function collect(child: ChildProcess, { args }: HookRequest): () => string {
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    if (bytes >= maxOutputBytes) return;
    parts.push(chunk.subarray(0, maxOutputBytes - bytes));
    bytes += chunk.length;
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const secrets = args.filter(({ secret }) => secret === true).map(({ text }) => text.slice(text.indexOf('=') + 1));
  return () => {
    let text = Buffer.concat(parts).toString('utf8');
    for (const word of secrets) if (word !== '') text = text.replaceAll(word, secretMark);
    return text;
  };
}

type Ended = { readonly code: number } | { readonly why: string };

function untilExit(child: ChildProcess, timeoutMs: number, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    let reason = 'ended by a signal';
    let killer: NodeJS.Timeout | undefined;
    const stop = (why: string): void => {
      if (killer !== undefined) return;
      reason = `ended by ${why}`;
      endGroup(child, 'SIGTERM');
      killer = setTimeout(() => endGroup(child, 'SIGKILL'), graceMs);
    };
    const timer = setTimeout(() => stop(`its deadline of ${String(timeoutMs)} ms`), timeoutMs);
    const aborted = (): void => stop('the end of the run');
    signal?.addEventListener('abort', aborted, { once: true });
    if (signal?.aborted === true) aborted();
    const settle = (ended: Ended): void => {
      clearTimeout(timer);
      clearTimeout(killer);
      // Its leader obeyed; what it had started may not have.
      if (killer !== undefined) endGroup(child, 'SIGKILL');
      signal?.removeEventListener('abort', aborted);
      resolve(ended);
    };
    child.once('error', (error) => settle({ why: couldNot(error) }));
    child.once('exit', (code) => settle(code === null ? { why: reason } : { code }));
  });
}

function resultOf(ended: Ended, output: string): HookResult {
  if ('why' in ended) return { outcome: 'failed', output: `${output}${output === '' ? '' : '\n'}${ended.why}` };
  const outcome = ended.code === 0 ? 'ok' : ended.code === 10 ? 'ten' : 'failed';
  return { outcome, code: ended.code, output };
}
