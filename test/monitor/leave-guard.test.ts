import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { guardFiles } from '../../src/monitor/guard-script.js';
import { leaveGuard } from '../../src/monitor/leave-guard.js';
import { endGuards } from '../../src/sandbox/guards.js';
import { localDoor } from './support/local-door.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leave-guard-'));
});
afterEach(() => {
  endGuards(folder);
  rmSync(folder, { recursive: true, force: true });
});

/** Command lines of guards over this test's data directory. */
function guards(): readonly string[] {
  const linesOf = (pid: string): string => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(linesOf)
    .filter((line) => line.includes('mha-ts-guard') && line.split('\0').includes(`${folder}/data`));
}

describe('a guard that is left behind', () => {
  const target = () => ({ place: { address: '127.0.0.1', port: 1, dataDir: `${folder}/data` } });
  const frozen = [{ pid: 77, startTime: '1', name: 'keep-running' }];

  it('does not stay where its log takes nothing, since nobody would know of it', async () => {
    symlinkSync('/dev/null', guardFiles(folder, 1).log);
    const lines = await leaveGuard(localDoor(), target(), folder, frozen);
    expect(lines).toEqual([
      'no guard could be left on localhost: the old server may be started again by its supervisor',
      'wake keep-running there with: kill -CONT 77',
    ]);
    await expect.poll(guards, { timeout: 10_000 }).toEqual([]);
    expect(readdirSync(folder)).not.toContain('mha-ts-guard-1.pid');
  });

  it('is told with its end where nobody can say whether it was started', async () => {
    const door = { ...localDoor(), run: () => Promise.reject(new Error('the connection was lost')) };
    const lines = await leaveGuard(door, target(), folder, frozen);
    expect(lines[0]).toContain('is not known: the connection was lost');
    expect(lines[1]).toContain('end the guard there with: ');
    expect(lines[2]).toBe('wake keep-running there with: kill -CONT 77');
  });
});
