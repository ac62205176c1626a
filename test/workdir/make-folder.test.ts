import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/workdir/make-folder.js';

const base = mkdtempSync(join(tmpdir(), 'mha-ts-folder-'));

afterAll(() => {
  rmSync(base, { recursive: true, force: true });
});

describe('a folder', () => {
  it('is made with those above it, once or at the same time by several', async () => {
    const path = join(base, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(base, 'a', 'd'))]);
    expect(statSync(path).isDirectory()).toBe(true);
    await makeFolder(path);
    await makeFolder('/');
  });

  it('is not made where a file stands', async () => {
    const file = join(base, 'file');
    writeFileSync(file, '');
    await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(file, 'x'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it('is given up where a file system says that a new name is missing', async ({ skip }) => {
    skip(!existsSync('/proc/self'), 'there is no procfs here');
    await expect(makeFolder('/proc/mha-ts-nowhere/x')).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
