/** Milliseconds as people read them: `842 ms`, `12.3 s`, `3 min 5 s`. */
export function formatMs(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${String(whole)} ms`;
  // What would round to 60.0 s is a minute.
  if (whole < 59_950) return `${(whole / 1000).toFixed(1)} s`;
  const seconds = Math.round(whole / 1000);
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}

const units = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 bytes`, `4.3 KiB`, `1.0 GiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return countOf(bytes, 'byte');
  let rest = bytes / 1024;
  let unit = 0;
  while (rest >= 1024 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest.toFixed(1)} ${units[unit] ?? ''}`;
}

export function countOf(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** A moment in UTC with milliseconds, the same in every output: `2026-11-21T10:00:00.123Z`. */
export function formatWall(wall: number): string {
  return new Date(wall).toISOString();
}
