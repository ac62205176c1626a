/** A signal that is raised with its parent, or when the time is over. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** Time is not counted any more; the parent is still followed, for work that goes on behind. */
  met(): void;
}

/**
 * Not `AbortSignal.any` with `AbortSignal.timeout`: a timeout that only a combined signal knows is collected as garbage and
 * then never fires (Node 20).
 */
export function deadline(parent: AbortSignal, ms: number, what: string): Deadline {
  const controller = new AbortController();
  const timer = Number.isFinite(ms)
    ? setTimeout(() => controller.abort(new Error(`${what} did not end within ${String(ms / 1000)} s`)), ms)
    : undefined;
  const follow = (): void => controller.abort(parent.reason);
  if (parent.aborted) follow();
  else parent.addEventListener('abort', follow, { once: true });
  return { signal: controller.signal, met: () => clearTimeout(timer) };
}
