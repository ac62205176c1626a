import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { systemClock } from '../../src/cli/clock.js';
import { serverId } from '../../src/model/settings.js';
import { knock } from '../../src/monitor/knock.js';
import { watch, type WatchEnd, type WatchPorts } from '../../src/monitor/watch.js';
import { pingOpener } from '../../src/mysql/ping.js';
import { localDoor } from '../monitor/support/local-door.js';
import { makeServerFolder, type ServerFolder, start, untilPort } from '../monitor/support/real-server.js';
import { describeFamilies } from './support/families.js';

let folder: ServerFolder;
let child: ChildProcess;
let statuses: number[];

/** Resolves when the first check went well; the watch goes on. */
async function beginWatch(intervalMs: number): Promise<{ readonly end: Promise<WatchEnd> }> {
  child = start(folder.argv);
  await untilPort(folder.port, 'speaks');
  statuses = [];
  let alive: () => void = () => undefined;
  const firstGood = new Promise<void>((resolve) => (alive = resolve));
  const id = serverId('db1', folder.port);
  const ports: WatchPorts = {
    clock: systemClock,
    events: { emit: () => undefined },
    workdir: {
      status: (code) => {
        statuses.push(code);
        if (code === 0) alive();
        return Promise.resolve();
      },
    },
    servers: {
      channels: () => Promise.resolve([]),
      reach: () => Promise.resolve({ kind: 'no-answer', message: 'not asked here' }),
    },
    shells: { door: () => localDoor() },
    openPing: pingOpener(
      { server: id, address: '127.0.0.1', port: folder.port, account: folder.account },
      'SELECT',
      intervalMs,
    ),
    knock,
  };
  const subject = {
    source: { id, hostname: 'db1', address: '127.0.0.1', port: folder.port, dataDir: folder.dataDir },
    replicas: [],
    intervalMs,
    policy: { missesForDeath: 4, hasShutdownScript: false },
  };
  const end = watch(subject, ports, new AbortController().signal);
  await Promise.race([firstGood, end]);
  return { end };
}

describeFamilies('the watch over a real server', (family) => {
  beforeAll(async () => {
    folder = await makeServerFolder(family);
  });
  afterEach(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  afterAll(() => folder.remove());

  it('proves a death by SIGKILL before the next check is due', async () => {
    const { end } = await beginWatch(60_000);
    child.kill('SIGKILL');
    expect(await end).toMatchObject({ end: 'dead', verdict: { code: 'source-dead-proven' } });
    // One check went well, and there was no other.
    expect(statuses).toEqual([0, 20, 21]);
  });

  it('finds a hung server by the deadlines of its checks', async () => {
    const { end } = await beginWatch(500);
    child.kill('SIGSTOP');
    expect(await end).toMatchObject({ end: 'dead', verdict: { code: 'source-hung', fenceBy: 'shell' } });
  });
});
