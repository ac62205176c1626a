import { createInterface, type Interface } from 'node:readline';

/** Questions to whoever sits at the terminal, or to a pipe that answers: `yes | masterha_master_switch ...`. */
export interface Dialogue {
  /** The answer's line; undefined when there is nobody (any more) to answer. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  close(): void;
}

/**
 * Lines are read by the terminal's own rules, not key by key: what is typed is edited as in every shell, and Ctrl-C stays a
 * signal. Nothing is read while nothing is asked: `yes` has an answer ready as fast as anybody reads, and a failover would
 * drown in them.
 */
export function openDialogue(source?: NodeJS.ReadableStream): Dialogue {
  const lines: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let input: Interface | undefined;
  let isOver = false;
  const answer = (line: string | undefined): void => {
    const tell = waiting;
    waiting = undefined;
    tell?.(line);
  };
  const listen = (): Interface => {
    const reader = createInterface({ input: source ?? process.stdin, terminal: false });
    reader.on('line', (line) => {
      // What is on its way already still comes: no more than the stream holds.
      if (!isOver) reader.pause();
      if (waiting === undefined) lines.push(line);
      else answer(line);
    });
    reader.on('close', () => {
      isOver = true;
      answer(undefined);
    });
    return reader;
  };
  return {
    ask: async (question, signal) => {
      signal.throwIfAborted();
      process.stderr.write(question);
      const early = lines.shift();
      if (early !== undefined || isOver) return early;
      if (input === undefined) input = listen();
      else input.resume();
      const stop = (): void => answer(undefined);
      signal.addEventListener('abort', stop, { once: true });
      try {
        const line = await new Promise<string | undefined>((resolve) => (waiting = resolve));
        signal.throwIfAborted();
        return line;
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
    close: () => {
      if (input === undefined) return;
      input.close();
      // A stream that was paused while it gave something reads once more in Node 20, and a pipe that stays open would then
      // keep the process from ending: only another pause stops that.
      const from = source ?? process.stdin;
      from.resume();
      from.pause();
    },
  };
}
