import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { inPosixShell } from '../../src/ssh/login-shell.js';

it('nothing in the line that a login shell gets means something to csh or fish', () => {
  const line = inPosixShell("echo 'a\\b' !$\n", "it's\nwhat! \\\\ \\'");
  const words = line.split("'").filter((_, index) => index % 2 === 1);
  expect(line).not.toMatch(/[\n!]|\\\\|\\'/);
  expect(words).toHaveLength(3);
});

it('any script and any text arrive as they were', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('\\', "'", '!', '\n', '0', '1', 'n', 'c', '%', '$', '`', '"', ' ', 'é') }),
      (text) => {
        const script = `printf '%s\\n' "$#" "$1"\necho 'x\\y!'`;
        const said = execFileSync('/bin/sh', ['-c', inPosixShell(script, text)], { encoding: 'utf8' });
        // As the shell takes the line breaks away that a command ends with.
        expect(said).toBe(`1\n${text.replace(/\n+$/, '')}\n${String.raw`x\y!`}\n`);
      },
    ),
    { numRuns: 60 },
  );
});
