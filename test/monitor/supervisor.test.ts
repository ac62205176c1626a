import { describe, expect, it } from 'vitest';
import { signalProcess, stopUnit } from '../../src/monitor/supervisor.js';
import type { Door } from '../../src/ports/shell.js';
import { localDoor } from './support/local-door.js';

function doorThatSays(stdout: string, commands: string[] = []): Door {
  return {
    ...localDoor(),
    run: (command) => {
      commands.push(command);
      return Promise.resolve({ code: 0, stdout, stderr: '' });
    },
  };
}

describe('stopUnit', () => {
  it.each([
    ['ActiveState=inactive\n', true],
    ['ActiveState=failed\n', true],
    ['ActiveState=deactivating\n', false],
    ['ActiveState=activating\n', false],
    ['', false],
  ])('believes only a state in which nothing runs or waits: %j', async (stdout, stopped) => {
    expect(await stopUnit(doorThatSays(stdout), 'mariadb.service')).toBe(stopped);
  });

  it('quotes the unit’s name', async () => {
    const commands: string[] = [];
    await stopUnit(doorThatSays('', commands), 'mariadb@a b.service');
    expect(commands[0]).toContain("stop 'mariadb@a b.service'");
  });
});

describe('signalProcess', () => {
  const door = localDoor();

  it('never signals what it runs under itself', async () => {
    expect(await signalProcess(door, { pid: process.pid, startTime: '1' }, 'STOP')).toBe('ancestor');
  });

  it('takes a process with another start time for gone', async () => {
    expect(await signalProcess(door, { pid: 1, startTime: 'no such time' }, '0')).toBe('gone');
  });

  it('does not guess at an answer it does not know', async () => {
    expect(await signalProcess(doorThatSays('?'), { pid: 9, startTime: '1' }, '0')).toBe('cannot-tell');
  });
});
