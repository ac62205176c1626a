import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AppendedFile } from '../../src/cli/appended-file.js';

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'mha-ts-log-'));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

describe('a log', () => {
  it('begins again under its own name when it was moved away, as logrotate does', async () => {
    const file = join(folder(), 'manager.log');
    const log = new AppendedFile(file, () => undefined);
    log.write('before\n');
    await log.close();
    renameSync(file, `${file}.1`);
    log.write('after\n');
    await log.close();
    expect([readFileSync(`${file}.1`, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['before\n', 'after\n']);
  });

  it('keeps the order of what comes while it is written', async () => {
    const file = join(folder(), 'manager.log');
    const log = new AppendedFile(file, () => undefined);
    const lines = Array.from({ length: 200 }, (_, index) => `${String(index)}\n`);
    for (const line of lines) log.write(line);
    log.write('');
    await log.close();
    expect(readFileSync(file, 'utf8')).toBe(lines.join(''));
  });

  it('goes on when it can be written again, and complains once', async () => {
    const place = join(folder(), 'later');
    const failures: unknown[] = [];
    const log = new AppendedFile(join(place, 'manager.log'), (error) => failures.push(error));
    for (const line of ['lost\n', 'lost too\n']) {
      log.write(line);
      await log.close();
    }
    mkdirSync(place);
    log.write('kept\n');
    await log.close();
    expect(readFileSync(join(place, 'manager.log'), 'utf8')).toBe('kept\n');
    expect(failures).toHaveLength(1);
  });
});
