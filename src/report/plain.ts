import { type Level, phaseTitles, type RunEvent, type Subscriber } from '../ports/events.js';
import { formatMs, formatWall } from './amounts.js';
import { noPaint, type Paint } from './paint.js';
import { progressWords, withoutServer } from './step-words.js';

export interface PlainOptions {
  /** Takes one whole line, line feed included. */
  readonly write: (line: string) => void;
  /** Lines below this level are left out. */
  readonly level: Level;
  readonly paint?: Paint;
}

interface Line {
  readonly level: Level;
  /** The phase, or what else the line belongs to. */
  readonly place: string;
  readonly server?: string;
  readonly text: string;
}

const ranks: Readonly<Record<Level, number>> = { debug: 0, info: 1, warning: 2, error: 3 };
const words: Readonly<Record<Level, string>> = { debug: 'DEBUG', info: 'INFO ', warning: 'WARN ', error: 'ERROR' };

/** A long transfer reports many times a second; a log needs a sign of life. */
const progressEveryMs = 5_000;

/**
 * Tells a run in lines that stand alone: time, level, phase, host. For pipes, files and terminals that cannot be drawn on.
 */
export function plainLines({ write, level, paint = noPaint }: PlainOptions): Subscriber {
  const titles = new Map<string, { readonly title: string; readonly server?: string }>();
  const told = new Map<string, number>();
  const colours = { debug: paint.faint, info: (text: string) => text, warning: paint.warning, error: paint.bad };

  const put = (event: RunEvent, { level: own, place, server, text }: Line): void => {
    if (ranks[own] < ranks[level]) return;
    const who = server === undefined ? '' : `${server}: `;
    // A message from outside may hold line feeds; each line of a log stands alone.
    const line = `${who}${text}`.trimEnd().replaceAll(/\s*\n\s*/g, ' | ');
    write(`${paint.faint(formatWall(event.wall))} ${colours[own](words[own])} [${place}] ${line}\n`);
  };

  const mayTell = (step: string, at: number): boolean => {
    const last = told.get(step);
    if (last !== undefined && at - last < progressEveryMs) return false;
    told.set(step, at);
    return true;
  };

  return (event) => {
    if (event.kind === 'step-started') {
      titles.set(event.step, withoutServer(event));
      told.set(event.step, event.at);
    }
    if (event.kind === 'step-progress' && !mayTell(event.step, event.at)) return;
    put(event, lineOf(event, titles));
  };
}

function lineOf(event: RunEvent, titles: ReadonlyMap<string, { title: string; server?: string }>): Line {
  switch (event.kind) {
    case 'run-started':
      return { level: 'info', place: event.command, text: event.title };
    case 'run-ended':
      return { level: event.exit === 0 ? 'info' : 'error', place: 'end', text: event.summary };
    case 'phase-started':
      return { level: 'info', place: event.phase, text: phaseTitles[event.phase] };
    case 'phase-ended': {
      const text = `${event.ok ? 'ended' : 'FAILED'} after ${formatMs(event.ms)}`;
      return { level: event.ok ? 'info' : 'warning', place: event.phase, text };
    }
    case 'note': {
      const server = event.server === undefined ? {} : { server: event.server };
      return { level: event.level, place: 'note', text: event.text, ...server };
    }
    case 'step-started':
      return { level: 'debug', place: event.phase, ...placed(event.step, titles), text: begun(event.step, titles) };
    case 'step-progress':
      return { level: 'info', place: event.phase, ...placed(event.step, titles), text: progressWords(event) };
    case 'step-ended':
      return endLine(event, titles);
  }
}

function begun(step: string, titles: ReadonlyMap<string, { title: string }>): string {
  return `${titles.get(step)?.title ?? step} ...`;
}

function placed(step: string, titles: ReadonlyMap<string, { server?: string }>): { server?: string } {
  const server = titles.get(step)?.server;
  return server === undefined ? {} : { server };
}

type StepEnded = Extract<RunEvent, { kind: 'step-ended' }>;

/** What was never begun is not worth a line: after an abort that is most of the plan. */
function endLine(event: StepEnded, titles: ReadonlyMap<string, { title: string; server?: string }>): Line {
  const { step, outcome, ms, text, server, phase } = event;
  const who = server === undefined ? placed(step, titles) : { server };
  const title = titles.get(step)?.title ?? step;
  const more = text === undefined || text === '' ? '' : `: ${text}`;
  const ends = {
    done: { level: 'info', words: `${title} (${formatMs(ms)})${more}` },
    already: { level: 'info', words: `${title}: nothing to do${more}` },
    failed: { level: 'warning', words: `${title} FAILED after ${formatMs(ms)}${more}` },
    skipped: { level: 'debug', words: `${title}: left out${more}` },
    undone: { level: 'info', words: `put back: ${title} (${formatMs(ms)})${more}` },
  } as const;
  return { level: ends[outcome].level, place: phase, ...who, text: ends[outcome].words };
}
