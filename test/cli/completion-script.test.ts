import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
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
  // Whether it is a file that is completed is said to a completion at work, which there is none of here.
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
    // Bash takes a word with the sign apart.
    expect(offered('check-repl', '--conf', '=', '/etc/pass')).toContain('/etc/passwd');
    expect(offered('check-repl', '--conf', '=')).not.toEqual([]);
  });

  it('offers a name with a blank as one', () => {
    const folder = mkdtempSync(join(tmpdir(), 'mha-ts-completion-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'my file.cnf'), '');
    expect(offered('check-repl', '--conf', `${folder}/my`)).toEqual([`${folder}/my file.cnf`]);
  });

  it('takes a command for no folder of the same name', () => {
    expect(completionScript('mha-ts', 'bash', commands)).toMatch(/\ncomplete -F _mha_ts mha-ts\n$/);
  });
});

// No zsh is needed to run the tests; that it completes was tried with 5.9.
describe('completion in zsh', () => {
  const lines = completionScript('mha-ts', 'zsh', commands).split('\n');

  it('sets up what it needs where nobody has', () => {
    expect(lines.slice(0, 2)).toEqual([
      '(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }',
      'autoload -U +X bashcompinit && bashcompinit',
    ]);
  });

  it('offers the same words as in bash, and files in its own way', () => {
    const cases = completionScript('mha-ts', 'bash', commands)
      .split('\n')
      .filter((line) => line.includes('words="'));
    expect(lines).toEqual(expect.arrayContaining(cases));
    expect(lines.at(-2)).toBe('compdef _mha_ts_zsh mha-ts');
  });
});
