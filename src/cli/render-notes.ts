import type { Bus } from '../report/bus.js';
import { choosePaint } from '../report/paint.js';
import { plainLines } from '../report/plain.js';
import type { Level } from '../ports/events.js';

export interface RenderOptions {
  /** stdout belongs to the JSON result: nothing is drawn, the story goes to stderr in lines. */
  readonly json?: boolean | undefined;
  /** Warnings and errors only; with `json` nothing at all. */
  readonly quiet?: boolean | undefined;
  /** Every step's beginning too; in lines, since a drawing would take them away again. */
  readonly verbose?: boolean | undefined;
  /** Somebody is asked while it goes on; in lines, since a drawing holds back what is written beside it, a question too. */
  readonly asks?: boolean | undefined;
  /** MHA's log_level, where no flag says otherwise: lines below it are left out. */
  readonly logLevel?: Level;
  /** MHA's manager_log: has the story too, whatever becomes of the terminal. */
  readonly log?: { write(text: string): unknown };
  readonly stdout?: NodeJS.WriteStream;
  readonly stderr?: NodeJS.WriteStream;
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Lines with times on stderr, for a terminal and a log file alike; also what is told while there is no run to draw. */
export function renderNotes(bus: Bus, options: RenderOptions): void {
  const { json = false, quiet = false, verbose = false, stderr = process.stderr, env = process.env } = options;
  renderLog(bus, options);
  if (json && quiet) return;
  const write = (line: string): void => void stderr.write(line);
  const level = quiet ? 'warning' : verbose ? 'debug' : (options.logLevel ?? 'info');
  bus.subscribe(plainLines({ write, level, paint: choosePaint({ env, isTTY: stderr.isTTY }) }));
}

/** The log file alone, for what is drawn on the terminal. */
export function renderLog(bus: Bus, { log, logLevel = 'info' }: RenderOptions): void {
  if (log !== undefined) bus.subscribe(plainLines({ write: (line) => void log.write(line), level: logLevel }));
}
