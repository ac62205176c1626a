import { describe, expect, it } from 'vitest';
import { Supervision } from '../../src/monitor/supervision.js';
import type { Door } from '../../src/ports/shell.js';
import { localDoor } from './support/local-door.js';

/** A host on which every signal gets the same answer; the signals that were asked for are kept. */
function host(answer = 'signalled'): { readonly door: Door; readonly signals: string[] } {
  const signals: string[] = [];
  const run: Door['run'] = (command) => {
    const match = / sh (\d+) (\S+) (\S+)$/.exec(command);
    if (match?.[1] !== undefined) signals.push(`${match[3] ?? ''} ${match[1]}`);
    return Promise.resolve({ code: 0, stdout: `${answer}\n`, stderr: '' });
  };
  return { door: { ...localDoor(), run }, signals };
}

const safe = (pid: number) => ({ pid, startTime: '1', name: 'mysqld_safe' });
const loop = { pid: 40, startTime: '1', name: 'keep-running' };
const init = { pid: 1, startTime: '1', name: 'systemd' };

describe('Supervision', () => {
  it('kills the servers’ own script, and has an explanation for the server it had started last', async () => {
    const { door, signals } = host();
    const supervision = new Supervision(door);
    await supervision.meet([safe(30), init], false);
    await supervision.meet([init], true);
    expect(signals).toEqual(['KILL 30']);
    expect(await supervision.mayReturn()).toBe(false);
  });

  it('does not freeze who started the script once', async () => {
    const { door, signals } = host();
    const supervision = new Supervision(door);
    await supervision.meet([safe(30), loop, init], true);
    expect(signals).toEqual(['KILL 30']);
    // But whoever did it lives, and may do it again.
    expect(await supervision.mayReturn()).toBe(true);
  });

  it('freezes who starts the script again and again', async () => {
    const { door, signals } = host();
    const supervision = new Supervision(door);
    await supervision.meet([safe(30), loop, init], false);
    await supervision.meet([safe(31), loop, init], true);
    expect(signals).toEqual(['KILL 30', 'KILL 31', 'STOP 40']);
    expect(supervision.frozen).toEqual([loop]);
    expect(await supervision.mayReturn()).toBe(true);
    await supervision.thaw();
    expect(signals.at(-1)).toBe('CONT 40');
  });

  it('freezes a supervisor once, and only after it has restarted the server', async () => {
    const { door, signals } = host();
    const supervision = new Supervision(door);
    await supervision.meet([loop, init], false);
    expect(signals).toEqual([]);
    // It is alive, so it may still do it.
    expect(await supervision.mayReturn()).toBe(true);
    await supervision.meet([loop, init], true);
    await supervision.meet([loop, init], true);
    expect(signals).toEqual(['0 40', 'STOP 40']);
  });

  it('expects nothing of a parent that has ended', async () => {
    const { door } = host('gone');
    const supervision = new Supervision(door);
    await supervision.meet([loop, init], false);
    expect(await supervision.mayReturn()).toBe(false);
  });

  it.each(['containerd-shim', 'docker-containe', 'conmon'])(
    'expects a container to be started again, though its keeper (%s) has ended with it',
    async (name) => {
      const supervision = new Supervision(host('gone').door);
      await supervision.meet([{ pid: 41, startTime: '1', name }, init], false);
      expect(await supervision.mayReturn()).toBe(true);
    },
  );

  it('says that init restarts the server: only a guard can keep it down', async () => {
    const { door } = host();
    const supervision = new Supervision(door);
    await supervision.meet([init], true);
    expect(await supervision.mayReturn()).toBe(true);
  });

  it('says what it may not stop', async () => {
    const { door } = host('denied');
    const supervision = new Supervision(door);
    await supervision.meet([loop, init], true);
    expect(supervision.lines).toEqual(['keep-running (pid 40) starts the server and could not be stopped (denied)']);
    expect(await supervision.mayReturn()).toBe(true);
  });

  it('counts a unit as stopped only when systemd says so', async () => {
    const supervision = new Supervision(host('ActiveState=activating').door);
    await supervision.stopUnit('mariadb.service');
    expect(supervision.stoppedUnits).toEqual([]);
    expect(await supervision.mayReturn()).toBe(true);
  });
});
