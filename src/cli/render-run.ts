import type { Bus } from '../report/bus.js';
import { canDraw } from '../report/choose.js';
import { choosePaint } from '../report/paint.js';
import type * as Terminal from '../report/terminal.js';
import { renderLog, renderNotes, type RenderOptions } from './render-notes.js';

export type { RenderOptions } from './render-notes.js';

/** What shows a run while it goes on. */
export interface RunView {
  /** Resolves when the end is drawn and the terminal is free again; to be called whatever came of the run. */
  finish(): Promise<void>;
}

/** Attaches what shows this run: a drawing where there can be one, else lines with times on stderr. */
export async function renderRun(bus: Bus, options: RenderOptions = {}): Promise<RunView> {
  if (isDrawn(options)) {
    const { drawRun, warmUp } = await loadDrawing();
    await warmUp();
    renderLog(bus, options);
    const { stdout = process.stdout, stderr = process.stderr, env = process.env } = options;
    const say = (text: string): void => void stderr.write(`${text}\n`);
    return drawRun(bus, choosePaint({ env, isTTY: stdout.isTTY }), say);
  }
  renderNotes(bus, options);
  return { finish: () => Promise.resolve() };
}

/** Who watches for months fails over in a second: by then the drawing is in memory. */
export async function prepareToRender(options: RenderOptions): Promise<void> {
  if (!isDrawn(options)) return;
  const { warmUp } = await loadDrawing();
  await warmUp();
}

function isDrawn({ stdout = process.stdout, env = process.env, json, quiet, verbose, asks }: RenderOptions): boolean {
  if (json === true || quiet === true || verbose === true || asks === true) return false;
  return canDraw({ isTTY: stdout.isTTY, columns: stdout.columns, env });
}

/** listr2 and what it needs take a moment to load: only who draws pays for it. */
async function loadDrawing(): Promise<typeof Terminal> {
  return import('../report/terminal.js');
}
