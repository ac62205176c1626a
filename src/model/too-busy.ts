/** Too many connections, of all or of our account: clients that lost their source look for it everywhere, and give up again. */
const errnos: ReadonlySet<number> = new Set([1040, 1203, 1226]);

/** A server that says so lives, and may have room in a moment. */
export function isTooBusy(errno: unknown): boolean {
  return typeof errno === 'number' && errnos.has(errno);
}
