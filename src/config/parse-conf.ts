import type { Block, ConfFile, Layer } from './block.js';
import { defaultBlock } from './block.js';
import { isKeyName, type KeyName, keyNames } from './keys.js';
import { nearestWord } from './nearest.js';
import { type Problem, refuseProblems } from './problem.js';
import { type ConfLine, readLines } from './read-lines.js';
import { type IniValue, mergeThroughIni } from './through-ini.js';
import { unquote } from './unquote.js';

/** The blocks of a file. Throws CONF_INVALID with every line that cannot be taken. */
export function parseConf(file: string, text: string): ConfFile {
  const lines = readLines(text);
  refuseProblems(findProblems(file, lines));
  const merged = mergeThroughIni(lines);
  const blocks = [...merged].map(([name, values]): Block => {
    const line = lines.find((item) => item.kind === 'block' && item.name === name)?.line ?? 0;
    return { name, line, values: layerOf(file, values) };
  });
  return { file, blocks };
}

function layerOf(file: string, values: ReadonlyMap<string, IniValue>): Layer {
  const layer = new Map<KeyName, { text: string; origin: { kind: 'file'; file: string; line: number } }>();
  for (const [name, { line, text }] of values) {
    if (isKeyName(name)) layer.set(name, { text: unquote(text), origin: { kind: 'file', file, line } });
  }
  return layer;
}

function findProblems(file: string, lines: readonly ConfLine[]): readonly Problem[] {
  let inBlock = false;
  const problems: Problem[] = [];
  for (const line of lines) {
    const wrong = describeLine(line, inBlock);
    if (line.kind === 'block') inBlock = true;
    if (wrong !== undefined) problems.push({ file, line: line.line, ...wrong });
  }
  return problems;
}

type Wrong = Pick<Problem, 'reason' | 'fix'>;

function describeLine(line: ConfLine, inBlock: boolean): Wrong | undefined {
  switch (line.kind) {
    case 'unreadable':
      if (line.hasNul) {
        return {
          reason: 'the line holds NUL bytes',
          fix: 'Write the file anew as UTF-8: a crash leaves such bytes behind, and an editor that saves UTF-16.',
        };
      }
      return {
        reason: 'neither "key = value" nor "[block]"',
        fix: 'Begin a comment with #, and write values as key = value.',
      };
    case 'block':
      return isBlockName(line.name)
        ? undefined
        : {
            reason: `[${line.name}] is no block of this file`,
            fix: `Name blocks [${defaultBlock}], [serverN] or [binlogN], without backslashes.`,
          };
    case 'value':
      return describeKey(line.key, inBlock);
  }
}

function describeKey(name: string, inBlock: boolean): Wrong | undefined {
  if (!isKeyName(name)) return unknownKey(name);
  if (!inBlock) return { reason: `"${name}" stands before the first block`, fix: `Put [${defaultBlock}] above it.` };
  return undefined;
}

export function unknownKey(name: string): Wrong {
  const near = nearestWord(name, keyNames);
  return {
    reason: `unknown key "${name}"`,
    fix:
      near === undefined
        ? 'Leave it out; "mha-ts config show --effective" lists all keys.'
        : `Did you mean "${near}"? Otherwise leave it out.`,
  };
}

function isBlockName(name: string): boolean {
  return name === defaultBlock || (/^(?:server|binlog)\S/.test(name) && !name.includes('\\'));
}
