import type { Bus } from '../report/bus.js';
import { choosePaint } from '../report/paint.js';
import { plainLines } from '../report/plain.js';
import type { RenderOptions } from './render-run.js';

/** What is told while there is no run to draw: lines with times on stderr, for a terminal and a log file alike. */
export function renderNotes(
  bus: Bus,
  { quiet = false, verbose = false, stderr = process.stderr, env = process.env }: RenderOptions,
): void {
  const write = (line: string): void => void stderr.write(line);
  const level = quiet ? 'warning' : verbose ? 'debug' : 'info';
  bus.subscribe(plainLines({ write, level, paint: choosePaint({ env, isTTY: stderr.isTTY }) }));
}
