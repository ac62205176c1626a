/**
 * Room `config`: from the `.cnf` files to typed, validated and explained settings. It may import `model` only.
 * Invariant: what it returns is whole and checked, or it throws a Fault that names file, line, reason and fix; it
 * touches no server, and no secret leaves it other than inside a `Secret`.
 */
import { createHash } from 'node:crypto';
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
  /** How names are resolved; left out: as the system does. */
  readonly lookup?: Lookup;
  /** For tests: the places that are searched by default. */
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
  /** How it was asked for, to read the same files again. */
  readonly request: LoadRequest;
  /** Tells whether the files still say the same, without keeping what they say. */
  readonly digest: string;
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
  const warnings = [...app.warnings, ...global.warnings, ...script.warnings];
  return { ...built, chosen, warnings, request, digest: digestOf([app.text, global.text]) };
}

/** What the files say now, undefined where a file is missing, without understanding any of it. */
export async function digestNow({ chosen, request }: Configuration): Promise<string> {
  const texts = await Promise.all([chosen.file, globalFile(request)].map((file) => readText(file)));
  return digestOf(texts.map((read) => read?.text));
}

function digestOf(texts: readonly (string | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(texts.map((text) => text ?? null)))
    .digest('hex');
}

function globalFile({ globalConf, cwd, defaultGlobalConf: byDefault }: LoadRequest): string {
  return globalConf === undefined ? (byDefault ?? defaultGlobalConf) : path.resolve(cwd, globalConf);
}

interface ReadConf {
  readonly text: string;
  readonly conf: ConfFile;
  readonly warnings: readonly Finding[];
}

async function readConf(file: string, scope: 'app' | 'global'): Promise<ReadConf | undefined> {
  const read: ConfText | undefined = await readText(file);
  if (read === undefined) return undefined;
  const conf = parseConf(file, read.text);
  return { text: read.text, conf, warnings: lintFile(read, conf, scope) };
}

/** A global file that was asked for must exist; without the default one there are simply no global defaults. */
async function readGlobal(request: LoadRequest): Promise<Partial<ReadConf> & Pick<ReadConf, 'warnings'>> {
  const file = globalFile(request);
  const read = await readConf(file, 'global');
  if (read !== undefined) return read;
  if (request.globalConf === undefined) return { warnings: [missingGlobal(file)] };
  throw new Fault('CONF_NOT_FOUND', { searched: `${file} (--global-conf)` });
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
