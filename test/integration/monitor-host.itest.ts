import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { HostProcess } from '../../src/monitor/host-report.js';
import { judgeHost, unitOf } from '../../src/monitor/host-sight.js';
import { probeHost } from '../../src/monitor/probe-host.js';
import { localDoor } from '../monitor/support/local-door.js';
import { makeServerFolder, type ServerFolder, start, untilPort } from '../monitor/support/real-server.js';
import { describeFamilies } from './support/families.js';

const door = localDoor();
let one: ServerFolder;
let two: ServerFolder;
const running: ReturnType<typeof start>[] = [];

const placeOf = (folder: ServerFolder) => ({ address: '127.0.0.1', port: folder.port, dataDir: folder.dataDir });

async function run(folder: ServerFolder) {
  const child = start(folder.argv);
  running.push(child);
  await untilPort(folder.port, 'speaks');
  return child;
}

describeFamilies('the host’s view of its servers', (family) => {
  beforeAll(async () => {
    [one, two] = await Promise.all([makeServerFolder(family), makeServerFolder(family)]);
  });
  afterEach(async () => {
    for (const child of running.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
  afterAll(() => {
    one.remove();
    two.remove();
  });

  it('finds the one that holds the port and the data directory, and not its neighbour', async () => {
    const [mine, neighbour] = [await run(one), await run(two)];
    const report = await probeHost(door, placeOf(one), { deadlineMs: 5000 });
    const sight = judgeHost(report, placeOf(one));
    expect(sight.process).toBe('running');
    expect(sight.holders.map(({ pid }) => pid)).toEqual([mine.pid]);
    expect(sight.holders[0]).toMatchObject({ cwd: 'data', parent: process.pid });
    expect(sight.holders[0]?.sockets).toHaveLength(1);
    expect(sight.holders[0]?.mayEnd).toBe(true);
    expect(sight.holders.map(({ pid }) => pid)).not.toContain(neighbour.pid);
    expect(sight.holders.map((holder) => unitOf(report, holder))).toEqual([undefined]);
  });

  it('may not end it as another user who is not root', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root may run a command as somebody else');
    const mine = await run(one);
    const nobody = localDoor('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups');
    const report = await probeHost(nobody, placeOf(one), { deadlineMs: 5000 });
    const seen = report.processes.find(({ pid }) => pid === mine.pid);
    expect(seen).toMatchObject({ cwd: 'denied' });
    expect(seen?.mayEnd).toBeUndefined();
  });

  it('says none when it is dead, although a neighbour runs and we look', async () => {
    await run(two);
    const mine = await run(one);
    mine.kill('SIGKILL');
    await once(mine, 'exit');
    expect(judgeHost(await probeHost(door, placeOf(one), { deadlineMs: 5000 }), placeOf(one))).toMatchObject({
      process: 'none',
    });
  });

  it('cannot tell without the data directory while a server that may be it runs', async () => {
    const mine = await run(two);
    const place = { address: '127.0.0.1', port: one.port };
    const report = await probeHost(door, place, { deadlineMs: 5000 });
    const [neighbour] = report.processes.filter(({ pid }) => pid === mine.pid);
    if (neighbour === undefined) throw new Error('it was not seen');
    const { elsewhere, ...silent } = neighbour;
    const judged = (item: HostProcess) => judgeHost({ ...report, processes: [item] }, place).process;
    expect(elsewhere).toBe(true);
    expect(judged(silent)).toBe('none');
    // The neighbour names its port, or listens on it; one that does neither could be ours with its port not open yet.
    expect(judged({ ...neighbour, words: ['mariadbd'] })).toBe('none');
    expect(judged({ ...silent, words: ['mariadbd'] })).toBe('cannot-tell');
  });

  it('sees a server that was stopped by a signal', async () => {
    const mine = await run(one);
    mine.kill('SIGSTOP');
    const sight = judgeHost(await probeHost(door, placeOf(one), { deadlineMs: 5000 }), placeOf(one));
    expect(sight.process).toBe('running');
    expect(sight.lines[0]).toContain('stopped by a signal');
  });

  it('is not misled by a program that has the port but is no server, nor by a shell in the data directory', async () => {
    const squatter = start([
      process.execPath,
      '-e',
      `require('net').createServer().listen(${String(one.port)}, '127.0.0.1')`,
    ]);
    running.push(squatter);
    await untilPort(one.port, 'silent');
    const visitor = start(['sh', '-c', `cd ${one.dataDir} && exec sleep 60`]);
    running.push(visitor);
    const sight = judgeHost(await probeHost(door, placeOf(one), { deadlineMs: 5000 }), placeOf(one));
    expect(sight).toMatchObject({ process: 'running', holders: [] });
    expect(sight.lines[0]).toContain(`pid ${String(squatter.pid)}`);
  });
});
