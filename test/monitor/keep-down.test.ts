import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { serverId } from '../../src/model/settings.js';
import { keepDown } from '../../src/monitor/keep-down.js';
import type { Knock } from '../../src/ports/knock.js';
import type { Door } from '../../src/ports/shell.js';
import { fakeClock } from './support/fake-clock.js';
import { localDoor } from './support/local-door.js';

describe('the fence where other servers’ processes cannot be told from the source’s', () => {
  const report = ['uid 1000', 'uptime 100000.5', 'proc visible', 'net readable', 'data there'];
  /** By its age in seconds. */
  const other = (age: number): readonly string[] => [
    `process 9 (mariadbd) S 1 ${'0 '.repeat(17)}${String((100_000 - age) * 100)} 0`,
    'cwd denied',
    'cmd mariadbd',
  ];

  it.each([
    ['refused', 3_600, 'closed'],
    // It may be ours, which something has started again and which still recovers.
    ['refused', 20, 'failed'],
    ['no-answer', 3_600, 'failed'],
    ['silent', 3_600, 'failed'],
  ] as const)('comes to its end: a port that is %s, a server that is %i s old: %s', async (port, age, state) => {
    const clock = fakeClock();
    const guard = new PassThrough();
    guard.write('watching 1\nclear\n');
    const stdout = [...report, ...other(age), ''].join('\n');
    const door: Door = {
      ...localDoor(),
      run: () => Promise.resolve({ code: 0, stdout, stderr: '' }),
      read: () => Promise.resolve(guard),
    };
    const place = { address: '127.0.0.1', port: 3306, dataDir: '/data' };
    const target = { server: serverId('a', 3306), place, remoteWorkdir: '/var/tmp' };
    const fence = keepDown(target, { door, knock: () => Promise.resolve(port), clock });
    const held = fence.hold(new AbortController().signal);
    await clock.advance(30_000);
    const ended = await Promise.race([held, Promise.resolve('still waiting')]);
    expect(ended).toMatchObject({ state });
    guard.end();
  });
});

describe('the fence of a host without a shell', () => {
  const target = {
    server: serverId('a', 3306),
    place: { address: '10.0.0.9', port: 3306 },
    binlogBase: '/data/bin',
    remoteWorkdir: '/var/tmp',
  };
  const ssh = { address: '10.0.0.9', port: 22 };

  it('is looked at again without the patience of the first time, since clients wait', async () => {
    const patience: number[] = [];
    const run: Door['run'] = (_, { deadlineMs }) => {
      patience.push(deadlineMs);
      return Promise.reject(new Error(`no answer within ${String(deadlineMs)} ms`));
    };
    const ports = {
      door: { ...localDoor(), run },
      knock: () => Promise.resolve('no-answer' as const),
      clock: fakeClock(),
    };
    const fence = keepDown(target, ports);
    const { signal } = new AbortController();
    expect((await fence.hold(signal)).state).toBe('unreachable');
    expect(await fence.look(signal)).toEqual({ port: 'no-answer', process: 'cannot-tell' });
    const [first = 0, ...later] = patience;
    expect(later).toHaveLength(1);
    expect(Math.max(...later)).toBeLessThanOrEqual(first / 5);
  });

  it('that was silent before is given up as soon as its sshd is, and what was seen then need not be looked at again', async () => {
    const knocks: number[] = [];
    const ports = {
      // Nobody answers, and nobody says so: a connection to a host that is gone hangs.
      door: { ...localDoor(), run: () => new Promise<never>(() => undefined) },
      knock: (_: string, __: number, deadlineMs: number) => {
        knocks.push(deadlineMs);
        return Promise.resolve('no-answer' as const);
      },
      clock: fakeClock(),
    };
    const { signal } = new AbortController();
    const fence = keepDown({ ...target, ssh, wasSilent: true }, ports);
    expect(await fence.hold(signal)).toMatchObject({
      state: 'unreachable',
      look: { port: 'no-answer', process: 'cannot-tell' },
    });
    expect(await fence.look(signal)).toEqual({ port: 'no-answer', process: 'cannot-tell' });
    expect(Math.max(...knocks)).toBeLessThan(500);
  });

  it('that was silent before and is back is waited for, and held down', async () => {
    const clock = fakeClock();
    const guard = new PassThrough();
    guard.write('watching 1\nclear\n');
    const stdout = ['uid 0', 'uptime 9000.5', 'proc visible', 'net readable', ''].join('\n');
    const door: Door = {
      ...localDoor(),
      run: async (_, { signal }) => {
        await clock.sleep(3_000, signal);
        return { code: 0, stdout, stderr: '' };
      },
      read: () => Promise.resolve(guard),
    };
    const knock: Knock = (_, port) => Promise.resolve(port === ssh.port ? 'speaks' : 'refused');
    const fence = keepDown({ ...target, ssh, wasSilent: true }, { door, knock, clock });
    const held = fence.hold(new AbortController().signal);
    await clock.advance(20_000);
    expect(await Promise.race([held, Promise.resolve('still waiting')])).toMatchObject({ state: 'down' });
    guard.end();
  });
});

describe('the fence of a host that loses its shell while it is being fenced', () => {
  const gone = ['uid 0', 'uptime 9000.5', 'proc visible', 'net readable', 'data there', ''].join('\n');
  const runs = gone + ['process 50 (mariadbd) S 1 0 0', 'cwd data', 'cmd mariadbd', ''].join('\n');

  it.each([
    ['an sshd that is restarted', gone, 1_000, 'refused', 'down'],
    ['a host that goes down', gone, Number.POSITIVE_INFINITY, 'refused', 'unreachable'],
    ['a host that vanishes', gone, Number.POSITIVE_INFINITY, 'no-answer', 'unreachable'],
    ['a server that is back', gone, Number.POSITIVE_INFINITY, 'speaks', 'failed'],
    ['a server that was seen to run', runs, Number.POSITIVE_INFINITY, 'refused', 'failed'],
  ] as const)('%s', async (_, stdout, backAfter, port, state) => {
    const clock = fakeClock();
    const guards: PassThrough[] = [];
    const isUp = (): boolean => guards.length === 0 || clock.now() >= backAfter;
    const read: Door['read'] = () => {
      if (!isUp()) return Promise.reject(new Error('connection refused'));
      const guard = new PassThrough();
      guard.write(guards.length === 0 ? 'watching 1\n' : 'watching 2\nclear\n');
      guards.push(guard);
      return Promise.resolve(guard);
    };
    let looks = 0;
    const run: Door['run'] = () =>
      (looks += 1) === 1 || isUp()
        ? Promise.resolve({ code: 0, stdout, stderr: '' })
        : Promise.reject(new Error('connection refused'));
    let knocks = 0;
    const knock: Knock = () => Promise.resolve((knocks += 1) === 1 ? 'refused' : port);
    const place = { address: '10.0.0.9', port: 3306, dataDir: '/data' };
    const record = { pid: 50, startTime: '1', ancestors: [] };
    const target = { server: serverId('a', 3306), place, record, remoteWorkdir: '/var/tmp' };
    const fence = keepDown(target, { door: { ...localDoor(), run, read }, knock, clock });
    const held = fence.hold(new AbortController().signal);
    await clock.settle();
    guards[0]?.destroy(new Error('the connection was closed by the other side'));
    await clock.advance(5_000);
    expect(await Promise.race([held, Promise.resolve('still waiting')])).toMatchObject({ state });
  });
});

describe('the fence of a run that is given up', () => {
  it('wakes what it froze, also when its guard was lost in between', async () => {
    const clock = fakeClock();
    const guard = new PassThrough();
    guard.write('watching 1\nclear\nkilled 60 900 | 40 1 keep-running | 1 1 systemd\nclear\n');
    const report = ['uid 0', 'uptime 9000.5', 'proc visible', 'net readable', ''].join('\n');
    const signals: string[] = [];
    const run: Door['run'] = (command) => {
      const match = / sh (\d+) (\S+) (\S+)$/.exec(command);
      const isSignal = match?.[1] === '40';
      if (isSignal) signals.push(match[3] ?? '');
      return Promise.resolve({ code: 0, stdout: isSignal ? 'signalled\n' : report, stderr: '' });
    };
    const door: Door = { ...localDoor(), run, read: () => Promise.resolve(guard) };
    const target = {
      server: serverId('a', 3306),
      place: { address: '127.0.0.1', port: 3306 },
      record: { pid: 50, startTime: '1', ancestors: [] },
      remoteWorkdir: '/var/tmp',
    };
    const fence = keepDown(target, { door, knock: () => Promise.resolve('refused'), clock });
    const held = fence.hold(new AbortController().signal);
    await clock.advance(1_000);
    expect(await Promise.race([held, Promise.resolve('still waiting')])).toMatchObject({ state: 'down' });
    expect(signals).toEqual(['STOP']);
    guard.end();
    await expect.poll(() => guard.closed).toBe(true);
    const lines = await fence.release('aborted');
    expect(signals).toEqual(['STOP', 'CONT']);
    expect(lines).toContain('woke keep-running (pid 40)');
  });
});
