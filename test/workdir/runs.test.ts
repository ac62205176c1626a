import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Workdir } from '../../src/ports/workdir.js';
import { openWorkdir } from '../../src/workdir/open-workdir.js';
import { readJournal } from '../../src/workdir/unfinished-runs.js';

let folder: string;
let wall: number;
let workdir: Workdir;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workdir-runs-'));
  wall = Date.parse('2026-11-21T11:15:00.123Z');
  workdir = await openWorkdir({ path: folder, app: 'app1', wall: () => wall });
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('run folder', () => {
  it('is named after application, time and command, and private', async () => {
    const run = await workdir.startRun('failover');
    expect(run.id).toBe('app1-20261121T111500.123Z-failover');
    expect(run.path).toBe(join(folder, run.id));
    expect(await mode(run.path)).toBe(0o700);
    const second = await workdir.startRun('failover');
    expect(second.id).toBe('app1-20261121T111500.123Z-failover-2');
    await Promise.all([run.journal.close(), second.journal.close()]);
  });

  it('keeps the journal’s lines in the order of the calls, one JSON object each', async () => {
    const run = await workdir.startRun('manager');
    await Promise.all(
      ['a', 'b', 'c'].map((step) => run.journal.append({ what: 'intend', step, data: { text: 'two\nlines' } })),
    );
    const text = await readFile(join(run.path, 'journal.jsonl'), 'utf8');
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: string; sequence: number });
    expect(lines.map(({ step, sequence }) => [step, sequence])).toEqual([
      ['a', 1],
      ['b', 2],
      ['c', 3],
    ]);
    expect(await mode(join(run.path, 'journal.jsonl'))).toBe(0o600);
    await run.journal.close();
  });

  it('takes nothing more once a line could not be written', async () => {
    const run = await workdir.startRun('manager');
    await run.journal.close();
    await expect(run.journal.append({ what: 'run' })).rejects.toMatchObject({ code: 'WORKDIR_UNUSABLE' });
    await expect(run.journal.append({ what: 'end' })).rejects.toMatchObject({ code: 'WORKDIR_UNUSABLE' });
  });

  it('writes files whole and private, and knows the free space', async () => {
    const run = await workdir.startRun('manager');
    const path = await run.write('report.txt', 'one');
    await run.write('report.txt', 'two');
    expect(await readFile(path, 'utf8')).toBe('two');
    expect(await mode(path)).toBe(0o600);
    expect(await run.freeBytes()).toBeGreaterThan(0);
    await run.journal.close();
  });

  it('refuses a directory that is none', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(openWorkdir({ path, app: 'app1', wall: Date.now })).rejects.toMatchObject({
      code: 'WORKDIR_UNUSABLE',
    });
  });
});

describe('unfinished runs', () => {
  /** A process of another number that has a run, as its own note of it says. */
  const owned = async (path: string, pid: number): Promise<void> => {
    const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
    const since = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    await writeFile(join(path, 'owner.json'), JSON.stringify({ pid, since: `${boot} ${since}` }));
  };

  it('are told from those that another process is at work on', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux tells when a process began');
    const run = await workdir.startRun('switch');
    await run.journal.append({ what: 'run' });
    const find = async (): Promise<unknown> => (await workdir.unfinishedRuns()).map(({ atWork }) => atWork);
    // One of our own is nobody else's.
    expect(JSON.parse(await readFile(join(run.path, 'owner.json'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await find()).toEqual([undefined]);
    const other = spawn('sleep', ['60']);
    const pid = other.pid ?? 0;
    await owned(run.path, pid);
    expect(await find()).toEqual([pid]);
    // The same number, begun at another time: it was killed, and somebody else has its number now.
    await writeFile(join(run.path, 'owner.json'), JSON.stringify({ pid, since: 'earlier 1' }));
    expect(await find()).toEqual([undefined]);
    await owned(run.path, pid);
    const gone = once(other, 'exit');
    other.kill('SIGKILL');
    await gone;
    expect(await find()).toEqual([undefined]);
    await writeFile(join(run.path, 'owner.json'), '');
    expect(await find()).toEqual([undefined]);
    await run.journal.close();
  });

  it('are those without an end, of this application only, with the last step', async () => {
    const ended = await workdir.startRun('switch');
    await ended.journal.append({ what: 'end' });
    wall += 1000;
    const killed = await workdir.startRun('failover');
    await killed.journal.append({ what: 'run' });
    await killed.journal.append({ what: 'done', step: 'freeze' });
    await killed.journal.append({ what: 'intend', step: 'promote' });
    await appendFile(join(killed.path, 'journal.jsonl'), '{"what":"end","st');
    const other = await openWorkdir({ path: folder, app: 'app1-b', wall: () => wall });
    const foreign = await other.startRun('failover');
    await mkdir(join(folder, 'app1-notes'));
    expect(await workdir.unfinishedRuns()).toMatchObject([{ id: killed.id, path: killed.path, lastStep: 'promote' }]);
    expect(await other.unfinishedRuns()).toMatchObject([{ id: foreign.id, path: foreign.path }]);
    await (await workdir.unfinishedRuns())[0]?.finish('looked after');
    expect(await workdir.unfinishedRuns()).toEqual([]);
    await Promise.all([ended, killed, foreign].map((run) => run.journal.close()));
  });

  it('are those too that have left something to be put back, until all of it is', async () => {
    const run = await workdir.startRun('failover');
    await run.journal.append({ what: 'left', data: ['b:3306', 'c:3306'] });
    await run.journal.close();
    const [first] = await workdir.unfinishedRuns();
    expect(first?.left).toEqual(['b:3306', 'c:3306']);
    await first?.leave(['c:3306']);
    const [second] = await workdir.unfinishedRuns();
    expect(second?.left).toEqual(['c:3306']);
    await second?.finish('put back');
    expect(await workdir.unfinishedRuns()).toEqual([]);
  });

  it('that cannot be read are told as what they are', async () => {
    const run = await workdir.startRun('failover');
    await run.journal.close();
    await rm(join(run.path, 'journal.jsonl'));
    await mkdir(join(run.path, 'journal.jsonl'));
    await expect(workdir.unfinishedRuns()).rejects.toMatchObject({ code: 'WORKDIR_UNUSABLE' });
  });

  it('does not stumble over lines that are no objects', () => {
    expect(readJournal('null\n7\n{"what":"done","step":"x"}\n{"wh')).toEqual({
      ended: false,
      lastStep: 'x',
      begun: [],
      remembered: new Map(),
    });
  });

  it('keep what a step has left for whoever comes after a kill', () => {
    const lines = ['"plan":1', '"step":"open","data":"from 328"', '"step":"other"'];
    const text = lines.map((line) => `{"what":"intend",${line}}`).join('\n');
    expect([...readJournal(text).remembered]).toEqual([['open', 'from 328']]);
  });

  it('knows which steps were begun and not undone since', () => {
    const lines = ['intend a', 'done a', 'intend b', 'failed b', 'undone b', 'intend c'].map((line) => {
      const [what, step] = line.split(' ');
      return JSON.stringify({ what, step });
    });
    expect(readJournal(lines.join('\n')).begun).toEqual(['a', 'c']);
  });
});

describe('flags', () => {
  it('have an age, or are not there', async () => {
    expect(await workdir.flagAge('complete')).toBeUndefined();
    await workdir.setFlag('complete');
    const { mtimeMs } = await stat(join(folder, 'app1.failover.complete'));
    wall = mtimeMs + 60_000;
    expect(await workdir.flagAge('complete')).toBe(60_000);
    expect(await workdir.flagAge('error')).toBeUndefined();
    await workdir.clearFlag('complete');
    await workdir.clearFlag('complete');
    expect(await workdir.flagAge('complete')).toBeUndefined();
  });
});
