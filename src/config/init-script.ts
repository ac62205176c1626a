import { spawn } from 'node:child_process';
import type { Finding } from '../model/finding.js';
import { Fault } from '../model/fault.js';
import type { Layer, Written } from './block.js';
import { isKeyName, type KeyName } from './keys.js';
import { unknownKey } from './parse-conf.js';
import { type Problem, refuseProblems } from './problem.js';
import { unquote } from './unquote.js';

const mostBytes = 64 * 1024;

export interface InitScript {
  readonly command: string;
  readonly origin: { readonly file: string; readonly line: number };
  readonly cwd: string;
  readonly deadlineMs?: number;
}

/**
 * Runs init_conf_load_script and reads the `name=value` lines it prints. The output may hold passwords: it is in no
 * message, and standard error is not read. Throws CONF_SCRIPT_FAILED when it does not end in time or cannot be
 * started, CONF_INVALID for lines that are no known keys.
 */
export async function runInitScript(script: InitScript): Promise<{ layer: Layer; warnings: readonly Finding[] }> {
  const { output, status } = await capture(script);
  const layer = readOutput(output, script.origin);
  return { layer, warnings: status === '0' ? [] : [failedButRead(script, status)] };
}

function readOutput(output: string, { file, line }: InitScript['origin']): Layer {
  const layer = new Map<KeyName, Written>();
  const problems: Problem[] = [];
  for (const [index, printed] of output.split(/\r?\n/).entries()) {
    if (printed.trim() === '') continue;
    const where = `init_conf_load_script printed on its line ${String(index + 1)}`;
    const pair = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(printed);
    if (pair?.[1] === undefined || pair[2] === undefined) {
      problems.push({
        file,
        line,
        reason: `${where} something else than name=value`,
        fix: 'Let it print name=value lines alone.',
      });
    } else if (isKeyName(pair[1])) {
      layer.set(pair[1], { text: unquote(pair[2]), origin: { kind: 'script', line: index + 1 } });
    } else {
      const wrong = unknownKey(pair[1]);
      problems.push({ file, line, reason: `${where} the ${wrong.reason}`, fix: wrong.fix });
    }
  }
  refuseProblems(problems);
  return layer;
}

function failedButRead(script: InitScript, status: string): Finding {
  return {
    id: 'config-script-status',
    severity: 'warn',
    seen: `init_conf_load_script (${script.origin.file}:${String(script.origin.line)}) ended with ${status}; what it printed was taken`,
    matters: 'A value that it failed to print keeps the one in the file, which may be an old password.',
    fix: 'Run the script by hand and repair what it complains about.',
  };
}

/** Runs in a process group of its own, so that the deadline ends what the shell started, too. */
async function capture(script: InitScript): Promise<{ output: string; status: string }> {
  const deadlineMs = script.deadlineMs ?? 10_000;
  const fail = (reason: string, cause?: unknown): Fault =>
    new Fault('CONF_SCRIPT_FAILED', { ...script.origin, reason }, { cause });
  const child = spawn('/bin/sh', ['-c', script.command], {
    cwd: script.cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const endGroup = (): void => {
    const isOver = child.exitCode !== null || child.signalCode !== null;
    if (child.pid !== undefined && !isOver) process.kill(-child.pid, 'SIGKILL');
  };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const stop = (fault: Fault): void => {
      clearTimeout(timer);
      endGroup();
      child.stdout.destroy();
      reject(fault);
    };
    const timer = setTimeout(() => {
      stop(fail(`it did not end within ${String(deadlineMs)} ms`));
    }, deadlineMs);
    child.on('error', (error) => {
      stop(fail('the shell could not be started', error));
    });
    child.stdout.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > mostBytes) stop(fail(`it printed more than ${String(mostBytes)} bytes`));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ output: Buffer.concat(chunks).toString('utf8'), status: signal ?? String(code) });
    });
  });
}
