import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describeError } from '../model/fault.js';

/** MHA's manager_log: the story goes to the file as well, so that it outlives the terminal. */
export interface ManagerLog {
  /** The file alone, for what draws or prints on the terminal in its own way. */
  readonly file?: { write(text: string): unknown };
  /** One line, with its time in the file. */
  readonly say: (text: string) => void;
  close(): Promise<void>;
}

/**
 * Opens the file for appending; without one only stderr is written. A log that cannot be written never stops a manager: that is said
 * once on stderr.
 */
export async function openManagerLog(file: string | undefined, now: () => number): Promise<ManagerLog> {
  const { stderr } = process;
  if (file === undefined) {
    const say = (text: string): void => void stderr.write(`${text}\n`);
    return { say, close: () => Promise.resolve() };
  }
  await mkdir(dirname(file), { recursive: true }).catch((error: unknown) => {
    stderr.write(`manager_log ${file}: ${describeError(error)}\n`);
  });
  const stream = createWriteStream(file, { flags: 'a', mode: 0o640 });
  stream.on('error', (error) => stderr.write(`manager_log ${file}: ${error.message}\n`));
  return {
    file: stream,
    say: (text) => {
      stderr.write(`${text}\n`);
      stream.write(`${new Date(now()).toISOString()} INFO  ${text}\n`);
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
