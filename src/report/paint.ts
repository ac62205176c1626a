import { Chalk } from 'chalk';

/** Colours by what they mean. Sixteen-colour codes only: every terminal shows them, in its own palette. */
export interface Paint {
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  /** Beside the point, but there for who looks. */
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const same = (text: string): string => text;

export const noPaint: Paint = { good: same, warning: same, bad: same, faint: same, strong: same };

export interface PaintChoice {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly isTTY: boolean;
}

/** A pipe gets no colour codes. FORCE_COLOR says otherwise and outweighs NO_COLOR, as in Node itself. */
export function wantsColour({ env, isTTY }: PaintChoice): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTTY && term !== 'dumb';
}

export function choosePaint(choice: PaintChoice): Paint {
  if (!wantsColour(choice)) return noPaint;
  const chalk = new Chalk({ level: 1 });
  return {
    good: (text) => chalk.green(text),
    warning: (text) => chalk.yellow(text),
    bad: (text) => chalk.red(text),
    faint: (text) => chalk.dim(text),
    strong: (text) => chalk.bold(text),
  };
}
