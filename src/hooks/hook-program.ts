import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import path from 'node:path';
import { commandLine } from './run-hook.js';

/** Whether the program of a hook could be started here, without starting it. */
export type HookProgram =
  /** `modules`: of MHA's own Perl modules, those that the script asks for; MHA's samples do. */
  | { readonly kind: 'ready'; readonly file: string; readonly modules?: readonly string[] }
  /** The value is shell text, which only a shell can judge. */
  | { readonly kind: 'shell' }
  | { readonly kind: 'missing' | 'not-executable'; readonly file: string }
  | { readonly kind: 'no-interpreter'; readonly file: string; readonly interpreter: string };

/** Finds the program as a start would: by its path, or in PATH; then what its first line asks for. */
export async function lookAtHook(command: string, searchPath: string): Promise<HookProgram> {
  const [program = ''] = commandLine({ name: 'hook', command, args: [] });
  if (program === 'sh') return { kind: 'shell' };
  const file = await find(program, searchPath);
  if (file === undefined) return { kind: 'missing', file: program };
  if (!(await isExecutable(file))) return { kind: 'not-executable', file };
  const interpreter = await interpreterOf(file);
  const isThere = interpreter === undefined || (await find(interpreter, searchPath)) !== undefined;
  if (!isThere) return { kind: 'no-interpreter', file, interpreter };
  const modules = interpreter === undefined ? [] : await modulesOf(file);
  return { kind: 'ready', file, ...(modules.length === 0 ? {} : { modules }) };
}

async function find(program: string, searchPath: string): Promise<string | undefined> {
  if (program.includes('/')) return (await isFile(program)) ? path.resolve(program) : undefined;
  for (const folder of searchPath.split(path.delimiter)) {
    const file = path.join(folder === '' ? '.' : folder, program);
    if ((await isFile(file)) && (await isExecutable(file))) return file;
  }
  return undefined;
}

function isFile(file: string): Promise<boolean> {
  return stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `#!/usr/bin/perl`, or the program that `#!/usr/bin/env perl` looks for; the kernel reads no further than 256 bytes. */
async function interpreterOf(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const [line = ''] = buffer.toString('latin1', 0, bytesRead).split('\n');
    if (!line.startsWith('#!')) return undefined;
    const [program = '', ...words] = line.slice(2).trim().split(/\s+/);
    return path.basename(program) === 'env' ? (words.find((word) => !word.startsWith('-')) ?? program) : program;
  } finally {
    await handle.close();
  }
}

/** More than any script has above the last of its `use` lines. */
const headBytes = 64 * 1024;

async function modulesOf(file: string): Promise<readonly string[]> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (handle === undefined) return [];
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(headBytes), 0, headBytes, 0);
    const text = buffer.toString('latin1', 0, bytesRead);
    return [...new Set([...text.matchAll(/^[ \t]*(?:use|require)[ \t]+(MHA::\w+)/gm)].map(([, name = '']) => name))];
  } finally {
    await handle.close();
  }
}
