import { describeError } from '../model/fault.js';
import { type Phase, phaseTitles, type RunEvent } from '../ports/events.js';
import { formatMs } from './amounts.js';
import type { Bus } from './bus.js';
import { Drawing, type Group, type Item, rehearse } from './drawing.js';
import type { Paint } from './paint.js';
import { progressBar } from './progress-bar.js';

interface OpenStep {
  readonly item: Item;
  readonly title: string;
  toldAt: number;
}

interface OpenPhase {
  readonly group: Group;
  readonly steps: Map<string, OpenStep>;
  failed: boolean;
}

/** A drawing is refreshed ten times a second; telling it more often is work for nothing. */
const tellEveryMs = 100;

/**
 * Draws a run on a terminal: phases with their steps below, progress of what takes long, messages at the foot. Takes the
 * events in any order, and what happened before it was attached from the bus's history.
 */
export function drawRun(bus: Bus, paint: Paint, say: (text: string) => void): { finish(): Promise<void> } {
  const drawing = new Drawing();
  const pencil = new Pencil(drawing, paint);
  drawing.start();
  for (const event of bus.history) pencil.draw(event);
  bus.subscribe((event) => pencil.draw(event));
  return {
    finish: async () => {
      try {
        await pencil.closeAll();
        await drawing.end();
      } catch (error) {
        // The run is over and its report is still to be written: a drawing that failed changes nothing about it.
        say(`the drawing failed: ${describeError(error)}`);
      }
    },
  };
}

/** Draws nothing, once: listr2 loads parts of itself when it draws first, which would hold up the run. */
export async function warmUp(): Promise<void> {
  await rehearse();
}

class Pencil {
  readonly #drawing: Drawing;
  readonly #paint: Paint;
  readonly #phases = new Map<Phase, OpenPhase>();
  /** Titles of all steps so far: what is put back later is named like what was done. */
  readonly #titles = new Map<string, string>();
  readonly #closing: Promise<void>[] = [];
  #undoing: Group | undefined;

  constructor(drawing: Drawing, paint: Paint) {
    this.#drawing = drawing;
    this.#paint = paint;
  }

  draw(event: RunEvent): void {
    switch (event.kind) {
      case 'run-started':
        this.#drawing.message(this.#paint.strong(event.title));
        break;
      case 'phase-started':
        this.#phase(event.phase);
        break;
      case 'phase-ended':
        this.#endPhase(event.phase, event.ok, formatMs(event.ms));
        break;
      case 'step-started':
        this.#begin(event);
        break;
      case 'step-progress':
        this.#progress(event);
        break;
      case 'step-ended':
        this.#end(event);
        break;
      case 'note':
        this.#note(event);
        break;
      case 'run-ended':
        this.#drawing.message(event.exit === 0 ? this.#paint.good(event.summary) : this.#paint.bad(event.summary));
    }
  }

  /** What is still open was left in the middle. */
  async closeAll(): Promise<void> {
    for (const phase of [...this.#phases.keys()]) this.#endPhase(phase, false, 'did not end');
    if (this.#undoing !== undefined) this.#later(this.#undoing.close({ ok: true, title: 'Put back' }));
    this.#undoing = undefined;
    await Promise.all(this.#closing);
  }

  /** Read in `closeAll`; until then a failure to draw must not end the process. */
  #later(closing: Promise<void>): void {
    closing.catch(() => undefined);
    this.#closing.push(closing);
  }

  #phase(phase: Phase): OpenPhase {
    const open = this.#phases.get(phase) ?? {
      group: this.#drawing.group(phaseTitles[phase]),
      steps: new Map<string, OpenStep>(),
      failed: false,
    };
    this.#phases.set(phase, open);
    return open;
  }

  #endPhase(phase: Phase, ok: boolean, took: string): void {
    const open = this.#phases.get(phase);
    if (open === undefined) return;
    this.#phases.delete(phase);
    for (const { item, title } of open.steps.values()) {
      this.#later(item.close({ ok, title, ...(ok ? {} : { why: 'did not end' }) }));
    }
    const title = `${phaseTitles[phase]} ${this.#paint.faint(took)}`;
    this.#later(open.group.close({ ok, title }));
  }

  #begin({ phase, step, title }: Extract<RunEvent, { kind: 'step-started' }>): void {
    this.#titles.set(step, title);
    const open = this.#phase(phase);
    if (open.steps.has(step)) return;
    open.steps.set(step, { item: open.group.add(title), title, toldAt: 0 });
  }

  #progress(event: Extract<RunEvent, { kind: 'step-progress' }>): void {
    const open = this.#phases.get(event.phase)?.steps.get(event.step);
    if (open === undefined || event.at - open.toldAt < tellEveryMs) return;
    open.toldAt = event.at;
    open.item.tell(progressBar(event));
  }

  #end(event: Extract<RunEvent, { kind: 'step-ended' }>): void {
    const { phase, step, outcome, ms, text } = event;
    if (outcome === 'undone') {
      this.#undone(step, ms);
      return;
    }
    const steps = this.#phases.get(phase)?.steps;
    const open = steps?.get(step);
    if (steps === undefined || open === undefined) return;
    steps.delete(step);
    const took = outcome === 'already' ? 'nothing to do' : outcome === 'skipped' ? 'left out' : formatMs(ms);
    const title = `${open.title} ${this.#paint.faint(took)}`;
    const ok = outcome !== 'failed';
    this.#later(open.item.close({ ok, title, ...(text === undefined ? {} : { why: text }) }));
  }

  #undone(step: string, ms: number): void {
    this.#undoing ??= this.#drawing.group('Put back');
    const title = this.#titles.get(step) ?? step;
    const item = this.#undoing.add(title);
    this.#later(item.close({ ok: true, title: `${title} ${this.#paint.faint(formatMs(ms))}` }));
  }

  #note({ level, text, server }: Extract<RunEvent, { kind: 'note' }>): void {
    if (level === 'debug') return;
    const colour = { info: (line: string) => line, warning: this.#paint.warning, error: this.#paint.bad }[level];
    this.#drawing.message(colour(server === undefined || text.includes(server) ? text : `${server}: ${text}`));
  }
}
