import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { managerMark } from '../model/manager-mark.js';
import type { HookSecrets } from '../model/settings.js';
import type { HookRequest, HookResult } from '../ports/hooks.js';

/** Characters that only a shell gives a meaning; a value without them is words, and is run without one. */
const shellSyntax = /[\\'"`$&|;<>(){}[\]*?~#!\n]|^\s*\w+=/;
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
  /** hook_secrets: where the script finds passwords. */
  readonly secrets: HookSecrets;
  /** For every call of a run; orchestrator's names. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly log: (line: string) => void;
}

/**
 * What a signal cannot reach is left to the deadline behind it. ESRCH: the group has ended in the meantime, which is what
 * was wanted. EPERM: it runs as somebody else, as with a script that is called by sudo.
 */
function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}

/**
 * Runs one hook to its exit: in a process group of its own, within a deadline, its output bounded. It has ended when it
 * exits, not when its output closes: a script may leave a daemon behind that keeps the pipe.
 */
export async function runHook(request: HookRequest, limits: HookLimits, signal?: AbortSignal): Promise<HookResult> {
  if (request.command === undefined || request.command.trim() === '') return { outcome: 'not-configured', output: '' };
  const { args, environment } = offered(request, limits);
  const call = { ...request, args };
  limits.log(`${request.name}: ${shownCall(call)}`);
  const [program = 'sh', ...words] = commandLine(call);
  const child = start(program, words, environment);
  if (child instanceof Error) {
    const why = masked(couldNot(child), request);
    limits.log(`${request.name}: ${why}`);
    return resultOf({ why }, '');
  }
  const output = collect(child, request);
  const closed = new Promise((resolve) => child.once('close', resolve));
  const ended = await untilExit(child, limits.timeoutMs, signal);
  // What the script wrote right before its exit is still in the pipe; a daemon that keeps the pipe is not waited for.
  await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, drainMs).unref())]);
  child.stdout.destroy();
  child.stderr.destroy();
  const text = output.text();
  for (const line of text.split('\n').filter((part) => part !== '')) limits.log(`${request.name}: ${line}`);
  if (output.isCut()) limits.log(`${request.name}: (it wrote more, which is left out)`);
  if ('why' in ended) limits.log(`${request.name}: ${ended.why}`);
  else if (ended.code !== 0) limits.log(`${request.name}: exit code ${String(ended.code)}`);
  return resultOf(ended, text);
}

/** `--new_master_password=x` as an argument, as MHA has it, or as MHA_NEW_MASTER_PASSWORD in the environment. */
function offered(
  { args }: HookRequest,
  { secrets, environment = {} }: HookLimits,
): { readonly args: HookRequest['args']; readonly environment: Readonly<Record<string, string>> } {
  if (secrets === 'arguments') return { args, environment };
  const hidden = args.filter(({ secret }) => secret === true).map(({ text }) => variable(text));
  return {
    args: args.filter(({ secret }) => secret !== true),
    environment: { ...environment, ...Object.fromEntries(hidden) },
  };
}

function variable(text: string): readonly [name: string, value: string] {
  const end = text.indexOf('=');
  return [`MHA_${text.slice(0, end).replace(/^--/, '').toUpperCase()}`, text.slice(end + 1)];
}

/** Most of what keeps a program from starting comes as an event; a too long argument list is thrown (Node 20). */
function start(
  program: string,
  words: readonly string[],
  environment: Readonly<Record<string, string>>,
): ChildProcessByStdio<null, Readable, Readable> | Error {
  const env = { ...process.env, ...environment, [managerMark]: String(process.pid) };
  try {
    return spawn(program, words, { detached: true, stdio: ['ignore', 'pipe', 'pipe'], env });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

const couldNot = (error: Error): string => `could not be started: ${error.message}`;

interface Output {
  text(): string;
  /** More came than is kept. */
  isCut(): boolean;
}

function collect(child: ChildProcess, request: HookRequest): Output {
  const parts: Buffer[] = [];
  let bytes = 0;
  const take = (chunk: Buffer): void => {
    if (bytes < maxOutputBytes) parts.push(chunk.subarray(0, maxOutputBytes - bytes));
    bytes += chunk.length;
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const isCut = (): boolean => bytes > maxOutputBytes;
  return { isCut, text: () => masked(Buffer.concat(parts).toString('utf8'), request, isCut()) };
}

/** @param isCut the text may end in the middle of a secret, which is not to be had either */
function masked(text: string, { args }: HookRequest, isCut = false): string {
  const secrets = args
    .filter(({ secret }) => secret === true)
    .map((word) => word.text.slice(word.text.indexOf('=') + 1))
    .filter((word) => word !== '');
  let clean = text;
  for (const word of secrets) {
    clean = clean.replaceAll(word, secretMark);
    for (let length = word.length - 1; isCut && length > 0; length -= 1)
      if (clean.endsWith(word.slice(0, length))) clean = clean.slice(0, -length);
  }
  return clean;
}

type Ended = { readonly code: number } | { readonly why: string };

function untilExit(child: ChildProcess, timeoutMs: number, signal?: AbortSignal): Promise<Ended> {
  return new Promise((resolve) => {
    let reason = 'ended by a signal';
    let killer: NodeJS.Timeout | undefined;
    // Another user's process, or one that waits for a disk, does not end: the run must not wait for it.
    const giveUp = (why: string): void => {
      child.unref();
      settle({ why: `it was to be ended by ${why} and still runs (pid ${String(child.pid)})` });
    };
    const stop = (why: string): void => {
      if (killer !== undefined) return;
      reason = `ended by ${why}`;
      endGroup(child, 'SIGTERM');
      killer = setTimeout(() => {
        endGroup(child, 'SIGKILL');
        killer = setTimeout(() => giveUp(why), graceMs);
      }, graceMs);
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
