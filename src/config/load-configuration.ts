/**
 * Room `config`: from the `.cnf` files to typed, validated and explained settings. It may import `model` only.
 * Invariant: what it returns is whole and checked, or it throws a Fault that names file, line, reason and fix; it
 * touches no server, and no secret leaves it other than inside a `Secret`.
 */
import path from 'node:path';
import { Fault } from '../model/fault.js';
import type { Finding } from '../model/finding.js';
import type { ClusterSettings } from '../model/settings.js';
import { type Lookup, systemLookup } from './addresses.js';
import { buildCluster } from './build-cluster.js';
import { type ConfFile, defaultsOf, type Layer } from './block.js';
import type { EffectiveValue } from './effective.js';
import { type ConfChoice, findConf } from './find-conf.js';
import { runInitScript } from './init-script.js';
import { type Levels, writtenFor } from './inherit.js';
import { lintFile } from './lint.js';
import { parseConf } from './parse-conf.js';
import { type ConfText, readText } from './read-text.js';

export interface LoadRequest {
  /** `--conf`; left out, the file is looked for. */
  readonly conf?: string;
  /** `--global-conf`. */
  readonly globalConf?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** For tests: name resolution and the places that are searched by default. */
  readonly lookup?: Lookup;
  readonly siteDirectory?: string;
  readonly defaultGlobalConf?: string;
}

export interface Configuration {
  readonly settings: ClusterSettings;
  /** Every value that counts, with its origin; secrets are masked. */
  readonly origins: readonly EffectiveValue[];
  readonly warnings: readonly Finding[];
  /** Which file was taken, and why. */
  readonly chosen: ConfChoice;
}

const defaultGlobalConf = '/etc/masterha_default.cnf';

/** Throws CONF_NOT_FOUND, CONF_AMBIGUOUS, CONF_UNREADABLE, CONF_INVALID, CONF_SCRIPT_FAILED. */
export async function loadConfiguration(request: LoadRequest): Promise<Configuration> {
  const chosen = await findConf(request);
  const app = await readConf(chosen.file, 'app');
  if (app === undefined) throw new Fault('CONF_NOT_FOUND', { searched: `${chosen.file} (${chosen.because})` });
  const global = await readGlobal(request);
  const defaults = { app: defaultsOf(app.conf), global: defaultsOf(global.conf) };
  const script = await loadFromScript(defaults, app.conf, path.dirname(chosen.file));
  const levels = { ...defaults, script: script.layer };
  const built = await buildCluster(app.conf, levels, request.lookup ?? systemLookup);
  return { ...built, chosen, warnings: [...app.warnings, ...global.warnings, ...script.warnings] };
}

interface ReadConf {
  readonly conf: ConfFile;
  readonly warnings: readonly Finding[];
}

async function readConf(file: string, scope: 'app' | 'global'): Promise<ReadConf | undefined> {
  const read: ConfText | undefined = await readText(file);
  if (read === undefined) return undefined;
  const conf = parseConf(file, read.text);
  return { conf, warnings: lintFile(read, conf, scope) };
}

/** A global file that was asked for must exist; without the default one there are simply no global defaults. */
async function readGlobal(request: LoadRequest): Promise<{ conf?: ConfFile; warnings: readonly Finding[] }> {
  const { globalConf, cwd } = request;
  if (globalConf !== undefined) {
    const file = path.resolve(cwd, globalConf);
    const read = await readConf(file, 'global');
    if (read === undefined) throw new Fault('CONF_NOT_FOUND', { searched: `${file} (--global-conf)` });
    return read;
  }
  const file = request.defaultGlobalConf ?? defaultGlobalConf;
  return (await readConf(file, 'global')) ?? { warnings: [missingGlobal(file)] };
}

function missingGlobal(file: string): Finding {
  return {
    id: 'config-global-missing',
    severity: 'note',
    seen: `There is no global configuration file ${file}`,
    matters: 'Nothing, unless defaults for several clusters were meant to be shared there.',
    fix: 'Nothing to do; or name another one with --global-conf.',
  };
}

async function loadFromScript(
  defaults: Omit<Levels, 'script' | 'server'>,
  conf: ConfFile,
  cwd: string,
): Promise<{ layer: Layer; warnings: readonly Finding[] }> {
  const written = writtenFor({ ...defaults, script: new Map() }, 'init_conf_load_script');
  const command = written?.text.trim() ?? '';
  if (written === undefined || command === '') return { layer: new Map(), warnings: [] };
  const origin = written.origin.kind === 'file' ? written.origin : { file: conf.file, line: 0 };
  return runInitScript({ command, cwd, origin: { file: origin.file, line: origin.line } });
}
