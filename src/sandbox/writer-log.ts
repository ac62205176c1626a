import { readFileSync } from 'node:fs';

/**
 * One line of the writer's log. Times are nanoseconds of the machine's monotonic clock, which every process on it
 * shares, so they compare with times taken elsewhere on this machine.
 */
export type WriterLine =
  | {
      readonly e: 'try' | 'ack' | 'refused' | 'doubt';
      readonly t: string;
      readonly w: number;
      readonly n: number;
      readonly s: number;
    }
  | { readonly e: 'ddl'; readonly t: string; readonly w: number; readonly s: number }
  | { readonly e: 'error'; readonly t: string; readonly w: number; readonly s: number; readonly text: string }
  | { readonly e: 'end'; readonly t: string };

/** A row the server said is committed. `s` is that server's `server_id`. */
export interface Acknowledged {
  readonly at: bigint;
  readonly worker: number;
  readonly n: number;
  readonly server: number;
}

export function formatLine(line: WriterLine): string {
  return `${JSON.stringify(line)}\n`;
}

/** Reads a log; a last line that was cut off (the writer was killed) is left out. */
export function readWriterLog(file: string): readonly WriterLine[] {
  const text = readFileSync(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').filter(Boolean).map(parseLine);
}

function parseLine(text: string): WriterLine {
  const line: unknown = JSON.parse(text);
  if (!isWriterLine(line)) throw new Error(`Not a line of the writer's log: ${text}`);
  return line;
}

function isWriterLine(value: unknown): value is WriterLine {
  return typeof value === 'object' && value !== null && 'e' in value && 't' in value;
}

export function acknowledged(lines: readonly WriterLine[]): readonly Acknowledged[] {
  return lines.flatMap((line) =>
    line.e === 'ack' ? [{ at: BigInt(line.t), worker: line.w, n: line.n, server: line.s }] : [],
  );
}
