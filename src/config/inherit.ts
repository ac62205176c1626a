import type { Layer, Written } from './block.js';
import { type KeyName, type KeyValue, keys } from './keys.js';
import type { Problem } from './problem.js';

/** What the levels say, innermost first. */
export interface Levels {
  /** The server's own block; absent for values that belong to the application as a whole. */
  readonly server?: Layer;
  /** What init_conf_load_script printed: it goes over the application's defaults. */
  readonly script: Layer;
  readonly app: Layer;
  readonly global: Layer;
}

/** Reads one key; the value is what the innermost level that may hold the key says, else its default. */
export type Read = <K extends KeyName>(name: K) => KeyValue[K];

/** The text that counts for a key, before parsing. Levels where the key has no effect are passed over, as in MHA. */
export function writtenFor(levels: Levels, name: KeyName): Written | undefined {
  const allowed = keys[name].levels;
  if (allowed.includes('server')) {
    const own = levels.server?.get(name);
    if (own !== undefined) return own;
  }
  if (allowed.includes('app')) {
    const shared = levels.script.get(name) ?? levels.app.get(name);
    if (shared !== undefined) return shared;
  }
  return allowed.includes('global') ? levels.global.get(name) : undefined;
}

/** A reader that reports each value out of range once and goes on with the default, so that all are found. */
export function readerOf(
  levels: Levels,
  place: { readonly file: string; readonly line: number },
  problems: Problem[],
): Read {
  return (name) => {
    const key = keys[name];
    const written = writtenFor(levels, name);
    if (written === undefined) return key.fallback();
    const parsed = key.parse(written.text);
    if (parsed !== undefined) return parsed.value;
    const problem = refusedValue(name, written, place);
    if (!problems.some((known) => known.line === problem.line && known.reason === problem.reason))
      problems.push(problem);
    return key.fallback();
  };
}

function refusedValue(
  name: KeyName,
  written: Written,
  place: { readonly file: string; readonly line: number },
): Problem {
  const { shape, secret } = keys[name];
  const origin = written.origin.kind === 'file' ? written.origin : place;
  const shown = secret === true ? '(secret)' : `"${written.text}"`;
  const source = written.origin.kind === 'script' ? ' (printed by init_conf_load_script)' : '';
  const { file, line } = origin;
  // The one comment behind a value that MHA's reader takes for one is " ; text".
  const fix = /\s[#;]/.test(written.text)
    ? 'A comment behind a value is part of the value in this format: put it on a line of its own.'
    : `Write ${name} as ${shape}.`;
  return { file, line, reason: `${name} = ${shown}${source} is not ${shape}`, fix };
}
