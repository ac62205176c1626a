import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** The built program in a process of its own, as people and scripts call it. */
const program = join(import.meta.dirname, '../../../bin/run.js');

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
        timeout: 30_000,
      }),
  };
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
