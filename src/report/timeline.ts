import { type Phase, phaseTitles, type RunEvent } from '../ports/events.js';
import { formatMs } from './amounts.js';

/** One phase as it ran; a phase that was planned anew stands here once for each time. */
export interface Passage {
  readonly phase: Phase;
  /** Milliseconds after the run's first event. */
  readonly start: number;
  /** Undefined for a phase that was left in the middle. */
  readonly ms?: number;
  readonly ok?: boolean;
}

/** The phases in the order they began. Reads the monotonic clock: a wall clock may be set meanwhile. */
export function timelineOf(history: readonly RunEvent[]): readonly Passage[] {
  const zero = history[0]?.at ?? 0;
  const passages: Passage[] = [];
  for (const event of history) {
    if (event.kind === 'phase-started') passages.push({ phase: event.phase, start: event.at - zero });
    if (event.kind !== 'phase-ended') continue;
    const { phase, ms, ok } = event;
    const open = passages.findLastIndex((passage) => passage.phase === phase && passage.ms === undefined);
    const start = passages[open]?.start ?? Math.max(0, event.at - zero - ms);
    passages.splice(open < 0 ? passages.length : open, open < 0 ? 0 : 1, { phase, start, ms, ok });
  }
  return passages;
}

/** `+    842 ms  Phase 5: promote  31 ms`, one line for each phase. */
export function timelineLines(history: readonly RunEvent[]): readonly string[] {
  const passages = timelineOf(history);
  const width = Math.max(0, ...passages.map(({ phase }) => phaseTitles[phase].length));
  return passages.map(({ phase, start, ms, ok }) => {
    const begin = `+${String(Math.round(start)).padStart(7)} ms`;
    const length = ms === undefined ? 'did not end' : `${formatMs(ms)}${ok === false ? '  FAILED' : ''}`;
    return `${begin}  ${phaseTitles[phase].padEnd(width)}  ${length}`;
  });
}
