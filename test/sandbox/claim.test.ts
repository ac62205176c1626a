import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimFolder } from '../../src/sandbox/claim.js';
import { stampOf } from '../../src/sandbox/proc.js';

describe('claimFolder', () => {
  let place = '';
  const base = (): string => join(place, `mha-ts-sandbox-${String(userInfo().uid)}`);

  beforeEach(() => {
    place = mkdtempSync('/tmp/claim-');
    process.env['MHA_SANDBOX_DIR'] = place;
  });
  afterEach(() => {
    delete process.env['MHA_SANDBOX_DIR'];
    rmSync(place, { recursive: true });
  });

  it('gives each claim a folder and a number of its own, and takes them back', async () => {
    const [one, other] = [await claimFolder(), await claimFolder()];
    expect([one.number, other.number]).toEqual([1, 2]);
    expect(readFileSync(join(one.folder, 'owner'), 'utf8')).toContain(String(process.pid));
    await one.release(false);
    expect((await claimFolder()).number).toBe(1);
  });

  it('removes what a dead owner left, and ends what that one had started', async () => {
    const orphan = spawn('sleep', ['60']);
    const stamp = stampOf(orphan.pid ?? 0);
    leave('c1', {
      owner: '999999999 1\n',
      started: `${String(stamp?.pid)} ${String(stamp?.started)}\n`,
      'data.file': 'x',
    });
    const ended = once(orphan, 'exit');
    const claim = await claimFolder();
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(claim.number).toBe(1);
    expect(existsSync(join(claim.folder, 'data.file'))).toBe(false);
  });

  it('takes a later process with the same number for neither the owner nor a left-over', async () => {
    const innocent = spawn('sleep', ['60']);
    leave('c1', { owner: `${String(process.pid)} 1\n`, started: `${String(innocent.pid)} 1\n` });
    expect((await claimFolder()).number).toBe(1);
    expect(stampOf(innocent.pid ?? 0)).toBeDefined();
    innocent.kill();
  });

  it('leaves a folder alone whose owner is just being written, and takes an old one', async () => {
    leave('c1', {});
    expect((await claimFolder()).number).toBe(2);
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(join(base(), 'c1'), longAgo, longAgo);
    expect((await claimFolder()).number).toBe(1);
  });

  it('ends a guard that an earlier cluster left in the same place, and no other one', async () => {
    const first = await claimFolder();
    const guard = (folder: string): ChildProcess =>
      spawn('sh', ['-c', 'echo up; read -r nothing', 'mha-ts-guard', `${folder}/db1/data/`]);
    const [left, other] = [guard(first.folder), guard('/elsewhere')];
    await Promise.all([left, other].map((child) => once(child.stdout ?? child, 'data')));
    const ended = once(left, 'exit');
    await first.release(false);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(other.exitCode ?? other.signalCode).toBeNull();
    other.kill('SIGKILL');
  });

  it('keeps three folders for reading, and no more', async () => {
    for (let round = 0; round < 5; round += 1) {
      const claim = await claimFolder();
      expect(await claim.release(true)).toContain('kept-');
    }
    await claimFolder();
    expect(readdirSync(base()).filter((name) => name.startsWith('kept-'))).toHaveLength(3);
  });

  function leave(name: string, files: Readonly<Record<string, string>>): void {
    mkdirSync(join(base(), name), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(base(), name, file), text);
  }
});
