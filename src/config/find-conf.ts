import { access, readdir } from 'node:fs/promises';
import path from 'node:path';
import { Fault } from '../model/fault.js';

/** Where files are looked for by default. */
export const siteDirectory = '/etc/mha';

export interface ConfChoice {
  readonly file: string;
  /** Why this one, to be told to the user: "--conf", "MHA_CONF", or the place where it was found. */
  readonly because: string;
}

export interface Search {
  readonly conf?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly siteDirectory?: string;
}

/**
 * Finds the application's file: as named, by MHA_CONF, app1.cnf here or in conf/, or the only one in /etc/mha.
 * Throws CONF_NOT_FOUND, or CONF_AMBIGUOUS where /etc/mha holds several: a guess could act on the wrong cluster.
 */
export async function findConf(search: Search): Promise<ConfChoice> {
  if (search.conf !== undefined) return { file: path.resolve(search.cwd, search.conf), because: '--conf' };
  const named = search.env['MHA_CONF'];
  if (named !== undefined && named !== '') return { file: path.resolve(search.cwd, named), because: 'MHA_CONF' };
  for (const place of ['app1.cnf', 'conf/app1.cnf']) {
    const file = path.resolve(search.cwd, place);
    if (await exists(file)) return { file, because: `found ./${place}` };
  }
  return findInSite(search.siteDirectory ?? siteDirectory, search.cwd);
}

async function findInSite(directory: string, cwd: string): Promise<ConfChoice> {
  const found = await listConf(directory);
  const [only, ...others] = found;
  if (only === undefined) {
    const searched = [path.join(cwd, 'app1.cnf'), path.join(cwd, 'conf/app1.cnf'), path.join(directory, '*.cnf')];
    throw new Fault('CONF_NOT_FOUND', { searched: `looked for ${searched.join(', ')}` });
  }
  if (others.length > 0) throw new Fault('CONF_AMBIGUOUS', { directory, files: found });
  return { file: path.join(directory, only), because: `the only file in ${directory}` };
}

async function listConf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((name) => name.endsWith('.cnf')).sort();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw new Fault('CONF_UNREADABLE', { file: directory, reason: String(error) }, { cause: error });
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
