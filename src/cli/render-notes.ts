import type { Bus } from '../report/bus.js';
import { choosePaint } from '../report/paint.js';
import { plainLines } from '../report/plain.js';
import type { RenderOptions } from './render-run.js';

/** Lines with times on stderr, for a terminal and a log file alike; also what is told while there is no run to draw. */
export function renderNotes(
  bus: Bus,
  { json = false, quiet = false, verbose = false, stderr = process.stderr, env = process.env }: RenderOptions,
): void {
  if (json && quiet) return;
  const write = (line: string): void => void stderr.write(line);
  const level = quiet ? 'warning' : verbose ? 'debug' : 'info';
  bus.subscribe(plainLines({ write, level, paint: choosePaint({ env, isTTY: stderr.isTTY }) }));
}
