import { fstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describeError, Fault } from '../model/fault.js';
import { makeFolder } from '../workdir/make-folder.js';
import { AppendedFile } from './appended-file.js';
import { formatFault } from './fault-words.js';

/** MHA's manager_log: the story goes to the file as well, so that it outlives the terminal. */
export interface ManagerLog {
  /** The file alone, for what draws or prints on the terminal in its own way. */
  readonly file?: { write(text: string): unknown };
  /** One line, with its time in the file. */
  readonly say: (text: string) => void;
}

type Wall = () => number;

/**
 * Does the work with the file open for appending, with what was said before it was known; without a file only stderr is
 * written. The error that ends the work is told on stderr by the command; the file has it too.
 */
export async function withManagerLog<T>(
  file: string | undefined,
  said: readonly string[],
  wall: Wall,
  work: (log: ManagerLog) => Promise<T>,
): Promise<T> {
  if (file === undefined) return work({ say: (text) => void process.stderr.write(`${text}\n`) });
  const { stream, keep, close } = await openFile(file, wall);
  if (leadInto(stream, file)) return workInto(keep, close, work);
  for (const text of said) keep('INFO ', text);
  const say = (text: string): void => {
    process.stderr.write(`${text}\n`);
    keep('INFO ', text);
  };
  try {
    return await work({ file: stream, say });
  } catch (error) {
    keep('ERROR', error instanceof Fault ? formatFault(error).replace(/^Error /, '') : describeError(error));
    throw error;
  } finally {
    await close();
  }
}

/**
 * `nohup masterha_manager ... > manager.log 2>&1` with the same file as manager_log: the shell's `>` does not append, so that
 * each would write over the other's lines. What goes to such an output is appended from now on, too, to the end of the process.
 */
function leadInto(log: AppendedFile, file: string): boolean {
  const outputs = [process.stdout, process.stderr].filter(({ fd }) => isSameFile(fd, file));
  for (const output of outputs) {
    output.write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
      log.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
      const written = rest.at(-1);
      if (typeof written === 'function') process.nextTick(written);
      return true;
    };
  }
  return outputs.includes(process.stderr);
}

function isSameFile(fd: number, file: string): boolean {
  try {
    const [output, log] = [fstatSync(fd), statSync(file)];
    return output.isFile() && output.dev === log.dev && output.ino === log.ino;
  } catch {
    // One of the two is not there: then they are not the same.
    return false;
  }
}

/** stderr is the file: what the command tells there, its last error too, is told once. */
async function workInto<T>(
  keep: LogFile['keep'],
  close: LogFile['close'],
  work: (log: ManagerLog) => Promise<T>,
): Promise<T> {
  try {
    return await work({ say: (text) => void keep('INFO ', text) });
  } catch (error) {
    keep('ERROR', 'it ends with an error:');
    throw error;
  } finally {
    await close();
  }
}

interface LogFile {
  readonly stream: AppendedFile;
  readonly keep: (level: string, text: string) => unknown;
  readonly close: () => Promise<void>;
}

/** A log that cannot be written never stops a manager: that is said once on stderr. */
async function openFile(file: string, wall: Wall): Promise<LogFile> {
  const { stderr } = process;
  await makeFolder(dirname(file)).catch((error: unknown) => {
    stderr.write(`manager_log ${file}: ${describeError(error)}\n`);
  });
  const stream = new AppendedFile(file, (error) => stderr.write(`manager_log ${file}: ${describeError(error)}\n`));
  return {
    stream,
    keep: (level, text) => stream.write(`${new Date(wall()).toISOString()} ${level} ${text}\n`),
    close: () => stream.close(),
  };
}
