import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mhaReference } from '../../../src/cli/mha/reference.js';

it('the page of MHA’s commands is what the tables say', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/mha-commands.md'), 'utf8');
  expect(page).toBe(mhaReference());
  expect(page).toContain('| `--workdir`, `--manager_workdir` | `--workdir=DIR` |');
});
