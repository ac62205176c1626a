import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/cli/clock.js';
import { isManagerCommand, parseParentAndGroup } from '../../src/workdir/manager-process.js';
import { openWorkdir } from '../../src/workdir/open-workdir.js';
import { formatManagerStatus, judgeStatus, readStatus } from '../../src/workdir/read-status.js';
import { type AnyStatusCode, statusNames } from '../../src/workdir/status-codes.js';
import { formatStatus, parseStatus } from '../../src/workdir/status-file.js';
import { hasEnded } from '../../src/sandbox/proc.js';
import { until } from '../../src/sandbox/wait.js';
import { stopManager } from '../../src/workdir/stop-manager.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workdir-status-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const ask = (pingLimitMs = 10_000) => readStatus({ workdir: folder, app: 'app1', pingLimitMs, wall: Date.now });

/** A process whose command line is a manager's: node runs a file called mha-ts with the word manager behind it. */
async function fakeManager(script: string) {
  const program = join(folder, 'program.cjs');
  await writeFile(program, `${script}; console.log('up'); setInterval(() => {}, 1000)`);
  await symlink(program, join(folder, 'mha-ts'));
  const child = spawn(process.execPath, [join(folder, 'mha-ts'), 'manager'], { stdio: ['ignore', 'pipe', 'inherit'] });
  // Line by line: two that were written apart may arrive as one piece.
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const says = async (): Promise<string> => String((await lines.next()).value);
  expect(await says()).toBe('up');
  const { pid } = child;
  if (pid === undefined) throw new Error('no pid');
  return { child, pid, says, ended: once(child, 'exit') };
}

describe('status line', () => {
  it('is MHA’s, with and without the source', () => {
    expect(formatStatus({ pid: 7, code: 0, sourceHost: 'db1' })).toBe('7\t0:PING_OK\tmaster:db1\n');
    expect(formatStatus({ pid: 7, code: 10 })).toBe('7\t10:INITIALIZING_MONITOR\n');
  });

  it('reads what it writes', () => {
    const line = { pid: 4711, code: 50, sourceHost: 'db1.example' } as const;
    expect(parseStatus(formatStatus(line))).toEqual(line);
  });

  it.each(['', '7', '7\t0:PING_FAILING', 'x\t0:PING_OK', '7\t99:PING_OK', '7\t0:PING_OK\n8\t0:PING_OK\n'])(
    'does not guess what %j means',
    (text) => {
      expect(parseStatus(text)).toBeUndefined();
    },
  );
});

it('the status may be read by a watchdog of another account', async () => {
  const mask = process.umask(0o022);
  try {
    const workdir = await openWorkdir({ path: folder, app: 'app1', wall: Date.now });
    await workdir.status(0, 'db1');
    expect((await stat(join(folder, 'app1.master_status.health'))).mode & 0o777).toBe(0o644);
  } finally {
    process.umask(mask);
  }
});

describe('judgeStatus', () => {
  const fresh = { process: 'ours', leftovers: false, ageMs: 0, pingLimitMs: 10_000 } as const;
  const ok = { pid: 1, code: 0 } as const;

  it.each([
    ['a fresh good status', ok, fresh, 0],
    ['a good status that was not refreshed', ok, { ...fresh, ageMs: 10_001 }, 32],
    ['an old failover', { pid: 1, code: 50 } as const, { ...fresh, ageMs: 600_000 }, 50],
    ['a process that is gone', ok, { ...fresh, process: 'gone' } as const, 2],
    ['a process that left children', ok, { ...fresh, process: 'gone', leftovers: true } as const, 3],
    ['a pid that was reused', ok, { ...fresh, process: 'another-program' } as const, 2],
    ['a pid that cannot be looked at', ok, { ...fresh, process: 'cannot-tell' } as const, 0],
  ])('%s', (_name, line, sighting, code) => {
    expect(judgeStatus(line, sighting)).toBe(code);
  });
});

describe('the sentence', () => {
  const told = { app: 'app1', pid: 7, sourceHost: 'db1' };

  it.each<[AnyStatusCode, string]>([
    [0, 'app1 (pid:7) is running(0:PING_OK), master:db1'],
    [2, 'app1 is stopped(2:NOT_RUNNING).'],
    [
      3,
      'Main process is not running, but child process is running on app1 (3:PARTIALLY_RUNNING). Check ps output for details and kill it.',
    ],
    [
      10,
      'app1 monitoring program is now on initialization phase(10:INITIALIZING_MONITOR). Wait for a while and try checking again.',
    ],
    [20, 'app1 master maybe down(20:PING_FAILING). master:db1\nCheck /l for details.'],
    [21, 'app1 master maybe down(21:PING_FAILED). master:db1\nCheck /l for details.'],
    [
      30,
      'app1 monitoring waits for retrying to monitor master again(30:RETRYING_MONITOR). Wait for a while and try checking again.',
    ],
    [31, 'app1 servers are not correctly configured(31:CONFIG_ERROR).\nCheck /l for details.'],
    [32, 'app1 is running, but master_ping.health is too old(32:TIMESTAMP_OLD). Maybe process hangs? master:db1'],
    [50, 'app1 master is down and failover is running(50:FAILOVER_RUNNING). master:db1\nCheck /l for details.'],
    [51, 'app1 master is down and failover was not successful(51:FAILOVER_ERROR). master:db1\nCheck /l for details.'],
  ])('of %i is MHA’s', (code, sentence) => {
    expect(formatManagerStatus({ ...told, code, name: statusNames[code] }, '/l')).toBe(sentence);
  });
});

describe('manager process', () => {
  it.each([
    [['node', '/usr/local/bin/mha-ts', 'manager', '--conf', 'app1.cnf'], true],
    [['/usr/bin/node', '/opt/mha-ts/bin/run.js', 'manager'], true],
    [['/usr/bin/masterha_manager', '--conf=app1.cnf'], true],
    [['node', '/usr/local/bin/masterha_manager', '--conf=app1.cnf'], true],
    [['node', '/opt/mha-ts/bin/masterha_master_monitor.js', '--conf=c'], true],
    [['node', '/usr/local/bin/mha-ts', 'monitor', '--conf', 'c'], true],
    [['node', '/usr/local/bin/masterha_master_switch', '--master_state=dead', '--interactive=0'], true],
    [['node', '/opt/mha-ts/bin/masterha_master_switch.js', '-master_state', 'dead'], true],
    [['node', '/usr/local/bin/mha-ts', 'failover', '--dead-master-host', 'db1'], true],
    [['node', '/usr/local/bin/masterha_master_switch', '--master_state=alive'], false],
    [['node', '/usr/local/bin/mha-ts', 'switch', '--new-master', 'db2'], false],
    [['node', '/usr/local/bin/masterha_check_status', '--conf=manager'], false],
    [['node', '/usr/local/bin/mha-ts', 'status'], false],
    [['vim', 'manager'], false],
    [['manager', 'run.js'], false],
  ])('%j is a manager: %s', (words, expected) => {
    expect(isManagerCommand(words)).toBe(expected);
  });

  it('reads parent and group behind a name that holds parentheses and blanks', () => {
    expect(parseParentAndGroup('12 (a) b (c)) S 34 56 56 0 -1')).toEqual({ parent: 34, group: 56 });
  });
});

describe('status and stop of a real process', () => {
  it('says NOT_RUNNING without a file, and for a process that is another program', async () => {
    expect(await ask()).toMatchObject({ code: 2 });
    // The test runner itself is alive, but no manager.
    await writeFile(join(folder, 'app1.master_status.health'), formatStatus({ pid: process.pid, code: 0 }));
    expect(await ask()).toMatchObject({ code: 2 });
    expect(formatManagerStatus(await ask())).toBe('app1 is stopped(2:NOT_RUNNING).');
  });

  it('refuses to interpret a foreign text', async () => {
    await writeFile(join(folder, 'app1.master_status.health'), 'hello');
    await expect(ask()).rejects.toMatchObject({ code: 'STATUS_UNREADABLE' });
  });

  it('reports a running manager, its age, and stops it by TERM', async () => {
    const manager = await fakeManager('');
    const file = join(folder, 'app1.master_status.health');
    await writeFile(file, formatStatus({ pid: manager.pid, code: 0, sourceHost: 'db1' }));
    expect(formatManagerStatus(await ask())).toBe(
      `app1 (pid:${String(manager.pid)}) is running(0:PING_OK), master:db1`,
    );
    await utimes(file, new Date(0), new Date(0));
    expect(await ask()).toMatchObject({ code: 32 });

    const outcome = await stopManager({ workdir: folder, app: 'app1', abort: false, timeoutMs: 5000 }, systemClock);
    expect(outcome).toEqual({ exit: 0, text: 'Stopped app1 successfully.' });
    expect((await manager.ended)[1]).toBe('SIGTERM');
  });

  it('says of a manager that it may not signal whose it is', async () => {
    const manager = await fakeManager('');
    await writeFile(join(folder, 'app1.master_status.health'), formatStatus({ pid: manager.pid, code: 0 }));
    const kill = vi.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    });
    const request = { workdir: folder, app: 'app1', abort: true, timeoutMs: 300 };
    const { exit, text: said } = await stopManager(request, systemClock);
    kill.mockRestore();
    expect([exit, said]).toEqual([1, expect.stringContaining('belongs to another user')]);
    expect(manager.child.exitCode).toBeNull();
    manager.child.kill('SIGKILL');
    await manager.ended;
  });

  it('does not stop a failover without --abort, and kills one that ignores TERM with it', async () => {
    const manager = await fakeManager("process.on('SIGTERM', () => {})");
    await writeFile(join(folder, 'app1.master_status.health'), formatStatus({ pid: manager.pid, code: 50 }));
    const request = { workdir: folder, app: 'app1', timeoutMs: 300 };
    expect(await stopManager({ ...request, abort: false }, systemClock)).toMatchObject({ exit: 1 });
    expect(manager.child.exitCode).toBeNull();
    expect(await stopManager({ ...request, abort: true }, systemClock)).toMatchObject({ exit: 0 });
    expect((await manager.ended)[1]).toBe('SIGKILL');
  });

  it('kills with the manager the script that it runs, in a process group of its own', async () => {
    const manager = await fakeManager(`process.on('SIGTERM', () => {}); ${script}`);
    const pid = Number(await manager.says());
    await writeFile(join(folder, 'app1.master_status.health'), formatStatus({ pid: manager.pid, code: 50 }));
    const request = { workdir: folder, app: 'app1', timeoutMs: 300, abort: true };
    expect(await stopManager(request, systemClock)).toMatchObject({ exit: 0 });
    await until(() => hasEnded(pid), { what: 'see the script end', deadlineMs: 5_000 });
  });

  it('tells of a script whose manager is gone, and leaves it alone', async () => {
    const manager = await fakeManager(script);
    const pid = Number(await manager.says());
    await writeFile(join(folder, 'app1.master_status.health'), formatStatus({ pid: manager.pid, code: 50 }));
    manager.child.kill('SIGKILL');
    await manager.ended;
    expect(await ask()).toMatchObject({ code: 3 });
    const request = { workdir: folder, app: 'app1', timeoutMs: 300, abort: true };
    const { exit, text: said } = await stopManager(request, systemClock);
    expect([exit, said]).toEqual([0, expect.stringContaining(`still runs (pid:${String(pid)})`)]);
    expect(hasEnded(pid)).toBe(false);
    process.kill(-pid, 'SIGKILL');
    await until(async () => (await ask()).code === 2, { what: 'see the script end', deadlineMs: 5_000 });
  });
});

/** As a manager starts one: with its mark, in a group of its own. Says the script's pid. */
const script = `const { spawn } = require('node:child_process');
  const env = { ...process.env, MHA_TS_MANAGER: String(process.pid) };
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore', env });
  setTimeout(() => console.log(child.pid), 0)`;

describe('openWorkdir status', () => {
  it('writes the file whole, with this process as the manager, and removes it', async () => {
    const workdir = await openWorkdir({ path: join(folder, 'deep', 'er'), app: 'app1', wall: Date.now });
    await Promise.all([workdir.status(10), workdir.status(0, 'db1'), workdir.status(0, 'db1')]);
    await workdir.status(20, 'db1');
    const file = join(workdir.path, 'app1.master_status.health');
    expect(await readFile(file, 'utf8')).toBe(`${String(process.pid)}\t20:PING_FAILING\tmaster:db1\n`);
    expect(await readdir(workdir.path)).toEqual(['app1.master_status.health']);
    await workdir.clearStatus();
    await workdir.clearStatus();
    expect(await readdir(workdir.path)).toEqual([]);
  });

  it('leaves that of a manager at work alone, and takes the place of one that is gone', async () => {
    const manager = await fakeManager('');
    const file = join(folder, 'app1.master_status.health');
    const theirs = formatStatus({ pid: manager.pid, code: 50, sourceHost: 'db1' });
    await writeFile(file, theirs);
    const workdir = await openWorkdir({ path: folder, app: 'app1', wall: Date.now });
    // What a manager does that the first one's lock refuses, with --wait_on_monitor_error too.
    await workdir.status(10);
    await workdir.status(31);
    await workdir.clearStatus();
    expect(await readFile(file, 'utf8')).toBe(theirs);
    manager.child.kill('SIGKILL');
    await manager.ended;
    await workdir.status(10);
    expect(await readFile(file, 'utf8')).toBe(formatStatus({ pid: process.pid, code: 10 }));
    await workdir.clearStatus();
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });
});
