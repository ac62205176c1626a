import type { Level } from '../ports/events.js';
import type { Bus } from '../report/bus.js';
import { canDraw } from '../report/choose.js';
import { choosePaint } from '../report/paint.js';
import { plainLines } from '../report/plain.js';

export interface RenderOptions {
  /** stdout belongs to the JSON result: nothing is drawn, the story goes to stderr in lines. */
  readonly json?: boolean | undefined;
  /** Warnings and errors only; with `json` nothing at all. */
  readonly quiet?: boolean | undefined;
  /** Every step's beginning too; in lines, since a drawing would hide them again. */
  readonly verbose?: boolean | undefined;
  readonly stdout?: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** What shows a run while it goes on. */
export interface RunView {
  /** Resolves when the end is drawn and the terminal is free again; to be called whatever came of the run. */
  finish(): Promise<void>;
}

/** Attaches what shows this run: a drawing where that can be, else lines with times on stderr, else nothing. */
export async function renderRun(bus: Bus, options: RenderOptions = {}): Promise<RunView> {
  const { stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
  const { json = false, quiet = false, verbose = false } = options;
  if (json && quiet) return silent;
  const drawable = canDraw({ isTTY: stdout.isTTY, columns: stdout.columns, env });
  if (drawable && !json && !quiet && !verbose) {
    const { drawRun } = await import('../report/terminal.js');
    return drawRun(bus);
  }
  const level: Level = quiet ? 'warning' : verbose ? 'debug' : 'info';
  const write = (line: string): void => void stderr.write(line);
  bus.subscribe(plainLines({ write, level, paint: choosePaint({ env, isTTY: stderr.isTTY }) }));
  return silent;
}

const silent: RunView = { finish: () => Promise.resolve() };
