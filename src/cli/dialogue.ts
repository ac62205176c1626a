import { createInterface, type Interface } from 'node:readline';

/** Questions to whoever sits at the terminal, or to a pipe that answers: `yes | masterha_master_switch ...`. */
export interface Dialogue {
  /** The answer's line; undefined when there is nobody (any more) to answer. */
  ask(question: string, signal: AbortSignal): Promise<string | undefined>;
  close(): void;
}

/**
 * Lines are read by the terminal's own rules, not key by key: what is typed is edited as in every shell, and Ctrl-C stays a
 * signal. Nothing is read before something is asked.
 */
export function openDialogue(): Dialogue {
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
    const reader = createInterface({ input: process.stdin, terminal: false });
    reader.on('line', (line) => {
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
      input ??= listen();
      process.stderr.write(question);
      const early = lines.shift();
      if (early !== undefined || isOver) return early;
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
    close: () => input?.close(),
  };
}
