import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { layOutSavedFile } from '../../src/binlog/saved-file.js';
import { BinlogWalker } from '../../src/binlog/walker.js';

const folder = mkdtempSync(join(tmpdir(), 'saved-file-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** What the server family's own tool reads from a file, with checksums verified; it exits other than 0 for a bad one. */
function listed(path: string): string {
  return execFileSync('mariadb-binlog', ['--no-defaults', '--verify-binlog-checksum', path], { encoding: 'utf8' });
}

describe('a saved range of a killed source’s file', () => {
  it('is a file that mysqlbinlog reads, from any transaction on', () => {
    const bytes = readFileSync(join(import.meta.dirname, '..', 'fixtures', 'binlog', 'killed.bin'));
    const starts: number[] = [];
    const walker = new BinlogWalker({
      file: 'bin.000001',
      onEvent: ({ boundary, end }) => {
        if (boundary) starts.push(end);
      },
    });
    walker.push(bytes);
    const { description, verifiedUpTo } = walker;
    if (description === undefined) throw new Error('the fixture has no description');
    for (const from of [4, ...starts.slice(0, -1)]) {
      const layout = layOutSavedFile(description, from);
      const saved = Buffer.alloc(layout.offsetOf(verifiedUpTo));
      bytes.copy(saved, layout.offsetOf(from), from, verifiedUpTo);
      layout.head.copy(saved, 0);
      const path = join(folder, `from-${String(from)}`);
      writeFileSync(path, saved);
      const ends = [...listed(path).matchAll(/end_log_pos (\d+)/g)].map((match) => Number(match[1]));
      expect(ends.at(-1)).toBe(verifiedUpTo);
    }
  });
});
