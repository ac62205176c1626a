import { describe, expect, it } from 'vitest';
import { parseGuardLine } from '../../src/monitor/guard.js';
import { chooseMeasure } from '../../src/monitor/supervisor.js';

describe('parseGuardLine', () => {
  it.each([
    ['watching 77', { kind: 'watching', pid: 77 }],
    ['clear', { kind: 'clear' }],
    ['held', { kind: 'held' }],
    ['denied 9 mysqld', { kind: 'denied', text: '9 mysqld' }],
    ['killed 9 500', { kind: 'killed', pid: 9, startTime: '500', ancestors: [] }],
    [
      'killed 9 500 | 8 400 my loop | 1 1 systemd',
      {
        kind: 'killed',
        pid: 9,
        startTime: '500',
        ancestors: [
          { pid: 8, startTime: '400', name: 'my loop' },
          { pid: 1, startTime: '1', name: 'systemd' },
        ],
      },
    ],
    ['.', undefined],
    ['', undefined],
    ['killed', undefined],
    ['bash: warning', undefined],
  ])('%j', (line, word) => {
    expect(parseGuardLine(line)).toEqual(word);
  });
});

describe('chooseMeasure', () => {
  const process = (name: string, pid = 50) => ({ pid, startTime: '1', name });

  it.each([
    ['a script of the servers, at once', [process('mysqld_safe')], false, 'kill'],
    ['a program that was not seen to restart', [process('keep.sh')], false, 'nothing'],
    ['a program that restarts', [process('keep.sh')], true, 'freeze'],
    ['supervisord that restarts', [process('supervisord')], true, 'freeze'],
    ['supervise that restarts', [process('supervise')], true, 'freeze'],
    ['a login', [process('su')], true, 'nothing'],
    ['init', [process('systemd', 1)], true, 'nothing'],
    ['the SSH server', [process('sshd')], true, 'nothing'],
    ['a container’s engine', [process('containerd-shim')], true, 'nothing'],
    ['nobody', [], true, 'nothing'],
  ])('%s', (_name, ancestors, restarted, measure) => {
    expect(chooseMeasure(ancestors, restarted).do).toBe(measure);
  });
});
