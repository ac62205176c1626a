import type { Level } from '../ports/events.js';
import type { Bus } from '../report/bus.js';
import { canDraw } from '../report/choose.js';
import { choosePaint } from '../report/paint.js';
import { plainLines } from '../report/plain.js';

export interface ShowOptions {
  /** stdout belongs to the JSON result: nothing is drawn, the story goes to stderr in lines. */
  readonly json: boolean;
  /** Warnings and errors only; with `json` nothing at all. */
  readonly quiet: boolean;
  /** Every step's beginning too; in lines, since a drawing would take them away again. */
  readonly verbose: boolean;
}

/** What shows a run while it goes on. */
export interface RunView {
  /** Resolves when the end is drawn and the terminal is free again; to be called whatever came of the run. */
  finish(): Promise<void>;
}

/** Attaches what shows this run: a drawing where there can be one, else lines with times on stderr. Waits for nothing. */
export function renderRun(bus: Bus, show: ShowOptions): RunView {
  if (!mayDraw(show)) {
    renderNotes(bus, show);
    return { finish: () => Promise.resolve() };
  }
  // The run does not wait until the drawing is loaded: what happened before is told to it afterwards.
  const drawing = loadTerminal().then(({ drawRun }) => drawRun(bus));
  return { finish: async () => (await drawing).finish() };
}

/** Lines on stderr, whatever stderr is. */
export function renderNotes(bus: Bus, show: ShowOptions): void {
  // Who watches for months fails over in a second: by then the drawing is in memory.
  if (mayDraw(show)) void loadTerminal();
  if (show.json && show.quiet) return;
  const level: Level = show.quiet ? 'warning' : show.verbose ? 'debug' : 'info';
  const paint = choosePaint({ env: process.env, isTTY: process.stderr.isTTY });
  bus.subscribe(plainLines({ write: (line) => void process.stderr.write(line), level, paint }));
}

function mayDraw({ json, quiet, verbose }: ShowOptions): boolean {
  const { isTTY, columns } = process.stdout;
  return !json && !quiet && !verbose && canDraw({ isTTY, columns, env: process.env });
}

const loadTerminal = (): Promise<typeof import('../report/terminal.js')> => import('../report/terminal.js');
