import { describe, expect, it } from 'vitest';
import { timelineOf } from '../../src/report/timeline.js';
import { told } from './happenings.js';

describe('the timeline', () => {
  it('keeps both passages of a phase that was planned again', () => {
    const history = told(
      [0, { kind: 'phase-started', phase: 'save-binlog' }],
      [10, { kind: 'phase-ended', phase: 'save-binlog', ok: false, ms: 10 }],
      [20, { kind: 'phase-started', phase: 'save-binlog' }],
      [50, { kind: 'phase-ended', phase: 'save-binlog', ok: true, ms: 30 }],
    );
    expect(timelineOf(history)).toEqual([
      { phase: 'save-binlog', start: 0, ms: 10, ok: false },
      { phase: 'save-binlog', start: 20, ms: 30, ok: true },
    ]);
  });

  it('shows a phase that was left in the middle without a length', () => {
    expect(timelineOf(told([0, { kind: 'phase-started', phase: 'promote' }]))).toEqual([
      { phase: 'promote', start: 0 },
    ]);
  });

  it('does not follow a wall clock that was set back meanwhile', () => {
    const [first, second] = told(
      [0, { kind: 'phase-started', phase: 'freeze' }],
      [30, { kind: 'phase-started', phase: 'promote' }],
    );
    const setBack = [first, second].flatMap((event) => (event === undefined ? [] : [event]));
    const history = setBack.map((event, index) => ({ ...event, wall: event.wall - index * 3_600_000 }));
    expect(timelineOf(history).map(({ start }) => start)).toEqual([0, 30]);
  });
});
