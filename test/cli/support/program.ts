import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The built programs in a process of their own, as people and scripts call them. */
const programs = join(import.meta.dirname, '../../../bin');
const program = join(programs, 'run.js');
const longestMs = 30_000;

export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A place for one test: a home that is also the working directory, with nothing of this machine's environment. */
export interface Place {
  readonly folder: string;
  /** Writes a file below the folder and gives its path. */
  readonly put: (name: string, text: string, mode?: number) => string;
  readonly call: (
    words: readonly string[],
    options?: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
  ) => Answer;
}

export function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), 'mha-ts-cli-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    put: (name, text, mode = 0o600) => {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      chmodSync(file, mode);
      return file;
    },
    call: (words, { cwd = folder, env = {} } = {}) =>
      spawnSync(process.execPath, [program, ...words], {
        encoding: 'utf8',
        cwd,
        env: { PATH: process.env['PATH'], HOME: folder, ...env },
        timeout: longestMs,
      }),
  };
}

/** One of MHA's names, with its options in one line. */
export function callOldName(folder: string, line: string): Answer {
  const [name = '', ...words] = line.split(' ');
  return spawnSync(process.execPath, [join(programs, `${name}.js`), ...words], {
    encoding: 'utf8',
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: folder },
    timeout: longestMs,
  });
}

export const password = 'canary-secret-4711';

/** Two servers on ports of this machine where nobody listens. */
export function confText({ defaults = '', first = '', second = '' } = {}): string {
  return `[server default]
user=mha
password=${password}
repl_user=repl
repl_password=${password}
manager_workdir=work
${defaults}[server1]
hostname=127.0.0.1
port=1
${first}[server2]
hostname=127.0.0.1
port=2
${second}`;
}
