import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/clock.js';
import { serverId } from '../../src/model/settings.js';
import { type FenceTarget, keepDown } from '../../src/monitor/keep-down.js';
import { endGuardCommand, guardFiles } from '../../src/monitor/guard-script.js';
import { knock } from '../../src/monitor/knock.js';
import { traceSource } from '../../src/monitor/source-record.js';
import type { Fence } from '../../src/ports/fence.js';
import type { PortSight } from '../../src/ports/knock.js';
import { stampOf, stateOf } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { localDoor } from '../monitor/support/local-door.js';
import { makeServerFolder, type ServerFolder, start, untilPort } from '../monitor/support/real-server.js';
import { describeFamilies } from './support/families.js';

const door = localDoor();
const signal = new AbortController().signal;
let one: ServerFolder;
let two: ServerFolder;
let work: string;
let running: ChildProcess[] = [];
let fences: Fence[] = [];

function launch(words: readonly string[]): ChildProcess {
  const child = start(words, { detached: true });
  running.push(child);
  return child;
}

/** A shell that starts the server again, a pause after it ended. */
function superviseWords(folder: ServerFolder, pause: number, script = join(work, 'keep-running')): readonly string[] {
  writeFileSync(script, `#!/bin/sh\nwhile :; do ${folder.argv.join(' ')}; sleep ${String(pause)}; done\n`, {
    mode: 0o755,
  });
  return [script];
}

const placeOf = (folder: ServerFolder) => ({ address: '127.0.0.1', port: folder.port, dataDir: folder.dataDir });

async function targetOf(folder: ServerFolder, recorded = true): Promise<FenceTarget> {
  const record = recorded ? (await traceSource(door, placeOf(folder), 5000)).record : undefined;
  return {
    server: serverId('db1', folder.port),
    place: placeOf(folder),
    binlogBase: join(folder.dataDir, 'mysql-bin'),
    remoteWorkdir: work,
    ...(record === undefined ? {} : { record }),
  };
}

function fenceOf(target: FenceTarget): Fence {
  const fence = keepDown(target, { door, knock, clock: systemClock });
  fences.push(fence);
  return fence;
}

async function expectDown(fence: Fence): Promise<readonly string[]> {
  const { state, lines } = await fence.hold(signal);
  expect(state, lines.join('\n')).toBe('down');
  return lines;
}

function pidOf(target: FenceTarget): number {
  const pid = target.record?.pid;
  if (pid === undefined) throw new Error('the source was not recorded');
  return pid;
}

/** Looks at the port until something has happened; a server that ever spoke before that was not kept down. */
async function staysSilentUntil(folder: ServerFolder, what: string, happened: () => boolean): Promise<void> {
  const seen = new Set<PortSight>();
  const look = async (): Promise<boolean> => {
    const enough = happened();
    seen.add(await knock('127.0.0.1', folder.port, 500));
    return enough;
  };
  await until(look, { what, deadlineMs: 30_000, everyMs: 10 });
  expect([...seen]).toEqual(['refused']);
}

/** Stopped, as its parent sees it. */
const isFrozen = (child: ChildProcess): boolean => child.pid !== undefined && stateOf(child.pid) === 'T';

describeFamilies('keepDown', (family) => {
  beforeAll(async () => {
    [one, two] = await Promise.all([makeServerFolder(family), makeServerFolder(family)]);
    work = mkdtempSync(join(tmpdir(), 'monitor-work-'));
  });
  afterEach(async () => {
    for (const fence of fences) await fence.release('aborted');
    fences = [];
    await door.run(endGuardCommand(work, one.port), { deadlineMs: 5000 });
    // Every one of these leads a group of its own: a supervisor and what it has started end together.
    for (const child of running) {
      if (child.pid === undefined) continue;
      try {
        process.kill(-child.pid, 'SIGKILL');
      } catch {
        continue; // The whole group has ended already.
      }
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    running = [];
  });
  afterAll(() => {
    one.remove();
    two.remove();
    rmSync(work, { recursive: true, force: true });
  });

  it('finds a dead server down, sees its newest binary log, and leaves its neighbour alone', async () => {
    const mine = launch(one.argv);
    const neighbour = launch(two.argv);
    await Promise.all([untilPort(one.port, 'speaks'), untilPort(two.port, 'speaks')]);
    const target = await targetOf(one);
    expect(pidOf(target)).toBe(mine.pid);
    mine.kill('SIGKILL');
    await once(mine, 'exit');

    const fence = fenceOf(target);
    await expectDown(fence);
    const look = await fence.look(signal);
    expect(look).toMatchObject({ port: 'refused', process: 'none' });
    expect(look.newestBinlog?.file).toMatch(/^mysql-bin\.\d{6}$/);
    expect(look.newestBinlog?.position).toBeGreaterThan(4);
    await fence.release('aborted');
    expect(neighbour.exitCode).toBeNull();
    expect(await knock('127.0.0.1', two.port, 1000)).toBe('speaks');
  });

  it('kills a server that hangs', async () => {
    const mine = launch(one.argv);
    await untilPort(one.port, 'speaks');
    const target = await targetOf(one);
    mine.kill('SIGSTOP');
    const fence = fenceOf(target);
    const lines = await expectDown(fence);
    expect(lines.join('\n')).toContain(`killed the server (pid ${String(mine.pid)})`);
    expect(mine.signalCode ?? (await once(mine, 'exit'))[1]).toBe('SIGKILL');
    await fence.release('promoted');
  });

  it('freezes a supervisor that starts it again, and wakes it when the run is given up', async () => {
    const supervisor = launch(superviseWords(one, 1));
    await untilPort(one.port, 'speaks');
    const target = await targetOf(one);
    process.kill(pidOf(target), 'SIGKILL');
    const fence = fenceOf(target);
    await expectDown(fence);
    await staysSilentUntil(one, 'see the supervisor frozen', () => isFrozen(supervisor));
    const lines = await fence.release('aborted');
    expect(lines.join('\n')).toContain(`froze keep-running (pid ${String(supervisor.pid)})`);
    expect(lines.join('\n')).toContain('woke keep-running');
    await untilPort(one.port, 'speaks');
  });

  it('leaves a guard behind when the supervisor was not seen to restart yet, until it is ended', async () => {
    const supervisor = launch(superviseWords(one, 4));
    await untilPort(one.port, 'speaks');
    const target = await targetOf(one);
    process.kill(pidOf(target), 'SIGKILL');
    const fence = fenceOf(target);
    await expectDown(fence);
    const lines = await fence.release('promoted');
    const { pid: pidFile, log } = guardFiles(work, one.port);
    // On a slow machine the server came back, and its supervisor was frozen, before the run ended.
    const killed = (): boolean => readFileSync(log, 'utf8').includes('killed ') || isFrozen(supervisor);
    await staysSilentUntil(one, 'see the guard deal with what was started again', killed);
    const guard = Number(readFileSync(pidFile, 'utf8'));
    expect(readFileSync(`/proc/${String(guard)}/cmdline`, 'utf8')).toContain('mha-ts-guard');

    // The report's own commands undo all of it.
    for (const line of lines) {
      const command = / there with: (.*)$/.exec(line)?.[1];
      if (command !== undefined) expect((await door.run(command, { deadlineMs: 5000 })).code).toBe(0);
    }
    expect(existsSync(pidFile)).toBe(false);
    await untilPort(one.port, 'speaks');
  });

  it('ends the servers’ own restarting script for good', async () => {
    const script = join(work, 'mysqld_safe');
    // Orphaned, as an init script leaves it.
    launch(['sh', '-c', `${superviseWords(one, 0.2, script).join(' ')} & exit 0`]);
    await untilPort(one.port, 'speaks');
    const target = await targetOf(one);
    expect(target.record?.ancestors.map(({ name }) => name)[0]).toBe('mysqld_safe');
    process.kill(pidOf(target), 'SIGKILL');
    const fence = fenceOf(target);
    await expectDown(fence);
    const lines = await fence.release('promoted');
    expect(lines.join('\n')).toContain('killed mysqld_safe');
    expect(lines.join('\n')).not.toContain('a guard was left');
    const safe = target.record?.ancestors[0]?.pid ?? 0;
    await staysSilentUntil(one, 'see the end of mysqld_safe', () => stampOf(safe) === undefined);
  });

  it('holds a server that nobody had recorded', async () => {
    const supervisor = launch(superviseWords(one, 0.2));
    await untilPort(one.port, 'speaks');
    const fence = fenceOf(await targetOf(one, false));
    await expectDown(fence);
    await staysSilentUntil(one, 'see the supervisor frozen', () => isFrozen(supervisor));
    const lines = await fence.release('aborted');
    expect(lines.join('\n')).toContain('froze keep-running');
  });

  it('does not call a server down whose port another program holds', async () => {
    const port = String(one.port);
    launch([process.execPath, '-e', `require('net').createServer().listen(${port}, '127.0.0.1')`]);
    await untilPort(one.port, 'silent');
    const fence = fenceOf({ ...(await targetOf(one, false)), goneMs: 1000 });
    expect(await fence.hold(signal)).toMatchObject({ state: 'failed' });
  });

  it('says unreachable, or failed, where it has no shell', async () => {
    const shut = { ...door, run: () => Promise.reject(new Error('no route to host')) };
    const target = await targetOf(one, false);
    const closed = keepDown(target, { door: shut, knock, clock: systemClock });
    expect(await closed.hold(signal)).toMatchObject({ state: 'unreachable' });
    launch(one.argv);
    await untilPort(one.port, 'speaks');
    const open = keepDown(target, { door: shut, knock, clock: systemClock });
    expect(await open.hold(signal)).toMatchObject({ state: 'failed' });
  });
});
