import type { Clock } from '../../ports/clock.js';

/**
 * Waits for something that takes as long as it takes: it may go on for hours while it moves, and ends when nothing has
 * moved for `stallMs`. `look` returns what proves movement as text, or `done`.
 */
export async function untilDone(
  clock: Clock,
  stallMs: number,
  signal: AbortSignal,
  look: () => Promise<{ readonly done: true } | { readonly done: false; readonly mark: string }>,
): Promise<{ readonly stalled: false } | { readonly stalled: true; readonly mark: string }> {
  let mark = '';
  let moved = clock.now();
  let pause = 5;
  for (;;) {
    signal.throwIfAborted();
    const seen = await look();
    if (seen.done) return { stalled: false };
    if (seen.mark !== mark) {
      mark = seen.mark;
      moved = clock.now();
    } else if (clock.now() - moved > stallMs) {
      return { stalled: true, mark };
    }
    await clock.sleep(pause, signal);
    pause = Math.min(pause * 2, 200);
  }
}
