/**
 * A place in a binary log: between two events, counted in bytes from the start of the file.
 * Positions are safe integers, never 32 bits: an event's own log_pos wraps at 4 GiB, the file does not.
 */
export interface Coordinates {
  readonly file: string;
  readonly position: number;
}

/** Where the first event of every binary log file starts: right behind the four magic bytes. */
export const firstPosition = 4;

/** The number a binary log file's name ends in: `mysql-bin.000042` gives 42; a name without one gives undefined. */
export function fileNumber(file: string): number | undefined {
  const digits = /\.(\d+)$/.exec(file)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** The name of the file that follows in the sequence, with at least as many digits (servers print six or more). */
export function nextFile(file: string): string | undefined {
  const match = /^(.*\.)(\d+)$/.exec(file);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return match[1] + String(Number(match[2]) + 1).padStart(match[2].length, '0');
}

/**
 * Orders two file names by their number. MHA compared them as text, which puts `bin.1000000` before `bin.999999`.
 */
export function compareFiles(a: string, b: string): number {
  if (a === b) return 0;
  const left = fileNumber(a);
  const right = fileNumber(b);
  if (left !== undefined && right !== undefined && left !== right) return left - right;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Negative when `a` comes before `b`, zero when they are the same place, positive when it comes after. */
export function compareCoordinates(a: Coordinates, b: Coordinates): number {
  return compareFiles(a.file, b.file) || a.position - b.position;
}

export function isBefore(a: Coordinates, b: Coordinates): boolean {
  return compareCoordinates(a, b) < 0;
}

export function earliest(places: readonly Coordinates[]): Coordinates | undefined {
  return places.reduce<Coordinates | undefined>(
    (found, place) => (found === undefined || isBefore(place, found) ? place : found),
    undefined,
  );
}

export function latest(places: readonly Coordinates[]): Coordinates | undefined {
  return places.reduce<Coordinates | undefined>(
    (found, place) => (found === undefined || isBefore(found, place) ? place : found),
    undefined,
  );
}

/** `file:position`, the form used in output, reports and documentation. */
export function formatCoordinates(place: Coordinates): string {
  return `${place.file}:${String(place.position)}`;
}
