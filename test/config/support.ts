import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Configuration, type LoadRequest, loadConfiguration } from '../../src/config/load-configuration.js';
import { Fault } from '../../src/model/fault.js';

/** A directory that is removed when the test ends. */
export async function folder(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'mha-ts-config-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Writes a file (mode 0600 unless said otherwise) and gives its path. */
export async function put(directory: string, name: string, text: string, mode = 0o600): Promise<string> {
  const file = path.join(directory, name);
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

const addresses: Readonly<Record<string, string>> = {
  a: '10.0.0.1',
  b: '10.0.0.2',
  c: '10.0.0.3',
  'writer.example': '10.0.0.1',
  'a-admin': '10.9.0.1',
};

/** Knows a few names and nothing else, so that no test depends on the machine's resolver. */
export function lookup(name: string): Promise<string> {
  const address = addresses[name];
  if (address === undefined) return Promise.reject(new Error(`getaddrinfo ENOTFOUND ${name}`));
  return Promise.resolve(address);
}

/** Loads a text as app.cnf, with nothing taken from the machine. */
export async function load(
  text: string,
  more: Partial<LoadRequest> & { readonly mode?: number } = {},
): Promise<Configuration> {
  const directory = await folder();
  const conf = await put(directory, 'app.cnf', text, more.mode);
  return loadConfiguration({
    conf,
    env: {},
    cwd: directory,
    lookup,
    siteDirectory: path.join(directory, 'site'),
    defaultGlobalConf: path.join(directory, 'no-global.cnf'),
    ...more,
  });
}

/** The Fault that a promise ends with. */
export async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  const ended: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (ended instanceof Fault) return ended;
  throw new Error('expected a Fault', { cause: ended });
}

/** Vitest's matchers have type any; these do not. */
export function containing(text: string): unknown {
  return expect.stringContaining(text);
}

export function objectWith(fields: Readonly<Record<string, unknown>>): unknown {
  return expect.objectContaining(fields);
}
