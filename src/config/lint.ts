import type { Finding } from '../model/finding.js';
import { shellWord } from '../model/shell-word.js';
import { type Block, type ConfFile, defaultBlock } from './block.js';
import type { Level } from './key.js';
import { isKeyName, keys } from './keys.js';
import { readLines } from './read-lines.js';
import type { ConfText } from './read-text.js';
import { repeatedKeys } from './repeated.js';
import { unquote } from './unquote.js';

/** What is legal in a file and yet probably not meant. */
export function lintFile(read: ConfText, conf: ConfFile, scope: 'app' | 'global'): readonly Finding[] {
  return [
    ...permissions(read, conf),
    ...encoding(read),
    ...conf.blocks.flatMap((block) => uselessKeys(conf.file, block, scope)),
    ...ignoredBlocks(conf, scope),
    ...repeatedKeys(read),
    ...doubtfulValues(read),
  ];
}

function permissions({ file, mode }: ConfText, conf: ConfFile): readonly Finding[] {
  const holdsSecret = conf.blocks.some(({ values }) =>
    [...values].some(([name, value]) => keys[name].secret === true && value.text !== ''),
  );
  if (!holdsSecret || (mode & 0o044) === 0) return [];
  return [
    {
      id: 'config-permissions',
      severity: 'warn',
      seen: `${file} holds passwords and has mode ${mode.toString(8).padStart(4, '0')}`,
      matters: 'Other users of this machine can read the passwords.',
      fix: `chmod 600 ${shellWord(file)}`,
    },
  ];
}

function encoding({ file, isUtf8 }: ConfText): readonly Finding[] {
  if (isUtf8) return [];
  return [
    {
      id: 'config-encoding',
      severity: 'warn',
      seen: `${file} is not UTF-8; it was read as Latin-1`,
      matters: 'A password or path with letters beyond ASCII may be understood differently by the servers.',
      fix: `iconv -f latin1 -t utf8 ${shellWord(file)} > new.cnf, and compare before replacing it`,
    },
  ];
}

function uselessKeys(file: string, block: Block, scope: 'app' | 'global'): readonly Finding[] {
  const level: Level = block.name === defaultBlock ? scope : 'server';
  return [...block.values].flatMap(([name, { origin }]) => {
    if (keys[name].levels.includes(level)) return [];
    const line = origin.kind === 'file' ? origin.line : 0;
    const target = keys[name].levels.includes('server') ? 'the [serverN] block it is meant for' : `[${defaultBlock}]`;
    return [
      {
        id: 'config-key-ignored',
        severity: 'warn' as const,
        seen: `${file}:${String(line)}: ${name} has no effect in [${block.name}]`,
        matters: 'The value is not used, which may not be what was meant.',
        fix: `Move it into ${target}.`,
      },
    ];
  });
}

function ignoredBlocks(conf: ConfFile, scope: 'app' | 'global'): readonly Finding[] {
  if (scope === 'app') return [];
  return conf.blocks
    .filter((block) => block.name !== defaultBlock)
    .map((block) => ({
      id: 'config-block-ignored',
      severity: 'warn' as const,
      seen: `${conf.file}:${String(block.line)}: [${block.name}] has no effect in the global file`,
      matters: `Only [${defaultBlock}] is read there; the servers are those of the application's own file.`,
      fix: "Move the block into the application's file.",
    }));
}

/** Two traps of the format: a comment behind a value belongs to it, and quotes are removed once. */
function doubtfulValues({ file, text }: ConfText): readonly Finding[] {
  return readLines(text).flatMap((line) => {
    if (line.kind !== 'value' || !isKeyName(line.key)) return [];
    const seen = `${file}:${String(line.line)}: the value of ${line.key}`;
    if (/\s#/.test(line.text)) {
      return [
        {
          id: 'config-trailing-comment',
          severity: 'warn' as const,
          seen: `${seen} contains " #"`,
          matters: 'In this format a # behind a value begins no comment: the rest of the line belongs to the value.',
          fix: 'If it is a comment, put it on a line of its own.',
        },
      ];
    }
    return quotes(seen, line.text);
  });
}

function quotes(seen: string, text: string): readonly Finding[] {
  const bare = unquote(text);
  if (bare === text) return [];
  if (unquote(bare) !== bare) {
    return [
      quoteFinding(
        `${seen} still ends in a quote when its quotes are removed`,
        'MHA removes quotes again on each level of inheritance, so it used another value than the one used here.',
      ),
    ];
  }
  if (text.length > 1 && text.startsWith(text.at(-1) ?? '')) return [];
  return [
    quoteFinding(
      `${seen} lost its last quote, which has no partner at the beginning`,
      'In this format a quote at the end is removed even where none stands at the beginning.',
    ),
  ];
}

function quoteFinding(seen: string, matters: string): Finding {
  return {
    id: 'config-quotes',
    severity: 'warn',
    seen,
    matters,
    fix: 'Put one pair of quotes around the whole value; quotes inside it stay.',
  };
}
