import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type CompletableCommand, completionScript } from '../../src/cli/completion-script.js';

const json = { name: 'json', type: 'boolean' } as const;
const commands: readonly CompletableCommand[] = [
  {
    id: 'switch',
    aliases: [],
    flags: {
      json,
      keep: { name: 'keep', type: 'boolean', allowNo: true },
      secret: { name: 'secret', type: 'boolean', hidden: true },
    },
  },
  { id: 'check-repl', aliases: ['check_repl'], flags: { json } },
  { id: 'check_repl', aliases: [], flags: { json } },
  { id: 'config:show', aliases: [], flags: { json, effective: { name: 'effective', type: 'boolean' } } },
  { id: 'lab', aliases: [], hidden: true, flags: {} },
];

/** What bash offers for the last of these words. */
function offered(...words: readonly string[]): readonly string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  const script = `${completionScript('mha-ts', 'bash', commands)}
COMP_WORDS=(mha-ts ${typed}); COMP_CWORD=${String(words.length)}; _mha_ts; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['-c', script], { encoding: 'utf8', timeout: 10_000 });
  return output.split('\n').filter((line) => line !== '');
}

describe('completion in bash', () => {
  it('offers the commands, without second spellings and hidden ones', () => {
    expect(offered('')).toEqual(['check-repl', 'config', 'switch']);
    expect(offered('ch')).toEqual(['check-repl']);
  });

  it('offers what follows a group of commands', () => {
    expect(offered('config', '')).toEqual(['show']);
    expect(offered('config', 'show', '--e')).toEqual(['--effective']);
  });

  it('offers the flags of a command, negated ones too, hidden ones never', () => {
    expect(offered('switch', '--json', '--')).toEqual(['--help', '--json', '--keep', '--no-keep']);
  });

  it('offers files for a flag that takes one', () => {
    expect(offered('check-repl', '--conf', '/etc/pass')).toContain('/etc/passwd');
  });
});

describe('completion in zsh', () => {
  it('reads the same script through the functions that zsh brings for bash', () => {
    const [first, ...rest] = completionScript('mha-ts', 'zsh', commands).split('\n');
    expect(first).toBe('autoload -U +X bashcompinit && bashcompinit');
    expect(rest.join('\n')).toBe(completionScript('mha-ts', 'bash', commands));
  });
});
