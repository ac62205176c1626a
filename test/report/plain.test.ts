import { describe, expect, it } from 'vitest';
import type { Level, RunEvent } from '../../src/ports/events.js';
import { choosePaint } from '../../src/report/paint.js';
import { plainLines } from '../../src/report/plain.js';
import { db2, told } from './happenings.js';

const stop = { phase: 'freeze', step: 'stop-receiver:db2:3306', server: db2 } as const;
const fetch = { phase: 'save-binlog', step: 'save-tail:db1:3306' } as const;

function lines(events: readonly RunEvent[], level: Level = 'info'): readonly string[] {
  const written: string[] = [];
  const subscriber = plainLines({ write: (line) => written.push(line), level });
  for (const event of events) subscriber(event);
  return written;
}

describe('plain lines', () => {
  it('tells a run, each line with time, level, phase and host', () => {
    const run = told(
      [0, { kind: 'run-started', command: 'failover', title: 'Failover of db1:3306' }],
      [1, { kind: 'phase-started', phase: 'freeze' }],
      [2, { kind: 'step-started', ...stop, title: 'db2:3306: stop the receiver' }],
      [14, { kind: 'step-ended', ...stop, outcome: 'done', ms: 12 }],
      [15, { kind: 'phase-ended', phase: 'freeze', ok: true, ms: 14 }],
      [16, { kind: 'note', level: 'warning', text: 'planning again' }],
      [1500, { kind: 'run-ended', exit: 0, summary: 'db2:3306 is the new source' }],
    );
    expect(lines(run).join('')).toBe(`\
2026-11-21T10:00:00.000Z INFO  [failover] Failover of db1:3306
2026-11-21T10:00:00.001Z INFO  [freeze] Freeze the replicas
2026-11-21T10:00:00.014Z INFO  [freeze] db2:3306: stop the receiver (12 ms)
2026-11-21T10:00:00.015Z INFO  [freeze] ended after 14 ms
2026-11-21T10:00:00.016Z WARN  [note] planning again
2026-11-21T10:00:01.500Z INFO  [end] db2:3306 is the new source
`);
  });

  it('says what failed and why, on one line even when the server said it on several', () => {
    const run = told(
      [0, { kind: 'step-started', ...stop, title: 'db2:3306: stop the receiver' }],
      [9, { kind: 'step-ended', ...stop, outcome: 'failed', ms: 9, text: 'error 1064\n  near "x"\n' }],
      [9, { kind: 'phase-ended', phase: 'freeze', ok: false, ms: 9 }],
    );
    expect(lines(run)).toEqual([
      '2026-11-21T10:00:00.009Z WARN  [freeze] db2:3306: stop the receiver FAILED after 9 ms: error 1064 | near "x"\n',
      '2026-11-21T10:00:00.009Z WARN  [freeze] FAILED after 9 ms\n',
    ]);
  });

  it('gives a sign of life every five seconds of a long transfer, not ten times a second', () => {
    const progress = Array.from({ length: 130 }, (_, index) => {
      const done = index * 10;
      return [
        index * 100,
        { kind: 'step-progress', ...fetch, text: `${String(done)} MiB`, done, total: 1300 },
      ] as const;
    });
    const title = { kind: 'step-started', ...fetch, title: 'db1:3306: fetch its binary log over SSH' } as const;
    expect(lines(told([0, title], ...progress)).map((line) => line.slice(25))).toEqual([
      'INFO  [save-binlog] 38 %, 500 MiB\n',
      'INFO  [save-binlog] 76 %, 1000 MiB\n',
    ]);
  });

  it('names the server in the progress of a step that has one', () => {
    const run = told(
      [0, { kind: 'step-started', ...stop, title: 'db2:3306: let the applier drain' }],
      [6000, { kind: 'step-progress', phase: 'freeze', step: stop.step, text: 'applying its relay log' }],
    );
    expect(lines(run)).toEqual(['2026-11-21T10:00:06.000Z INFO  [freeze] db2:3306: applying its relay log\n']);
  });

  it.each([
    ['debug', ['DEBUG', 'INFO ', 'WARN ', 'ERROR']],
    ['info', ['INFO ', 'WARN ', 'ERROR']],
    ['warning', ['WARN ', 'ERROR']],
    ['error', ['ERROR']],
  ] as const)('leaves out what is below %s', (level, shown) => {
    const levels = ['debug', 'info', 'warning', 'error'] as const;
    const run = told(...levels.map((own) => [0, { kind: 'note', level: own, text: own }] as const));
    expect(lines(run, level).map((line) => line.slice(25, 30))).toEqual(shown);
  });

  it('keeps what was never begun for who asks for everything', () => {
    const run = told([0, { kind: 'step-ended', ...stop, outcome: 'skipped', ms: 0 }]);
    expect(lines(run)).toEqual([]);
    expect(lines(run, 'debug')).toHaveLength(1);
  });

  it('paints the level where colours are wanted', () => {
    const written: string[] = [];
    const paint = choosePaint({ env: { FORCE_COLOR: '1' }, isTTY: false });
    const subscriber = plainLines({ write: (line) => written.push(line), level: 'info', paint });
    for (const event of told([0, { kind: 'note', level: 'error', text: 'bad' }])) subscriber(event);
    expect(written[0]).toContain('\u001B[31mERROR\u001B[39m [note] bad');
  });
});
