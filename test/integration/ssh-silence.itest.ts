import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../src/sandbox/wait.js';
import { notTaken } from '../support/tcp-queue.js';
import { createOwnSshd, type OwnSshd } from './own-sshd.js';
import { closeDoors, doorTo } from './ssh-doors.js';

let sshd: OwnSshd;
beforeEach(async () => {
  sshd = await createOwnSshd();
});
afterEach(async () => {
  closeDoors();
  await sshd.remove();
});

/** Stops or wakes the process that serves the connection; the listening one stays as it is. */
function signalSession(pid: string, signal: NodeJS.Signals): void {
  process.kill(Number(pid), signal);
}

describe('a host that falls silent', () => {
  it('ends what was open, and is connected to again', async () => {
    const door = doorTo(sshd);
    const { stdout: pid } = await door.run('echo $PPID', { deadlineMs: 10_000 });
    const stream = await door.read('echo begun; sleep 60');
    await once(stream, 'readable');
    stream.resume();
    signalSession(pid, 'SIGSTOP');
    expect(await door.probePort('127.0.0.1', sshd.port, 1500)).toBe('cannot-tell');
    await expect(door.run('true', { deadlineMs: 500 })).rejects.toMatchObject({ code: 'SSH_NO_ANSWER' });
    const [error] = (await once(stream, 'error')) as [unknown];
    expect(error).toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    signalSession(pid, 'SIGCONT');
    expect((await door.run('echo back', { deadlineMs: 10_000 })).stdout).toBe('back\n');
  });

  it('keeps a connection that misses a few pings only', async () => {
    const door = doorTo(sshd);
    const { stdout: pid } = await door.run('echo $PPID', { deadlineMs: 10_000 });
    signalSession(pid, 'SIGSTOP');
    const waiting = door.run('echo $PPID', { deadlineMs: 20_000 });
    const seen = new Set<number>();
    const unheard = (): boolean => seen.add(notTaken(sshd.port, 'established')).size > 5;
    await until(unheard, { what: 'see several pings go unheard', deadlineMs: 20_000 });
    signalSession(pid, 'SIGCONT');
    expect((await waiting).stdout).toBe(pid);
  });
});

describe('a port that does not answer', () => {
  it('is told apart from a host that does not', async () => {
    // A listener that never accepts, with its queue filled: the kernel drops what comes after.
    const script = `require('node:net').createServer().listen(0, '127.0.0.1', 1, function () {
      require('node:fs').writeSync(1, String(this.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    })`;
    const deaf = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [port] = (await once(deaf.stdout, 'data')) as [Buffer];
    const fillers = Array.from({ length: 4 }, () => connect({ host: '127.0.0.1', port: Number(port) }));
    for (const filler of fillers) filler.on('error', () => filler.destroy());
    await Promise.race(fillers.map((filler) => once(filler, 'connect')));
    const full = (): boolean => notTaken(Number(port), 'listening') > 1;
    await until(full, { what: 'see the queue of connections full', deadlineMs: 10_000 });
    try {
      const door = doorTo(sshd);
      await door.open();
      expect(await door.probePort('127.0.0.1', Number(port), 3000)).toBe('no-answer');
      await expect(door.connectFrom('127.0.0.1', Number(port), 300)).rejects.toMatchObject({ code: 'SSH_NO_ANSWER' });
    } finally {
      for (const filler of fillers) filler.destroy();
      deaf.kill('SIGKILL');
      await once(deaf, 'exit');
    }
  });
});
