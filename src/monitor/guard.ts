import type { Readable } from 'node:stream';
import { describeError } from '../model/fault.js';
import type { Door } from '../ports/shell.js';
import { type GuardTarget, guardCommand } from './guard-script.js';

/** A process as the guard names it: identity and name, nothing else is needed to act on it. */
export interface NamedProcess {
  readonly pid: number;
  readonly startTime: string;
  readonly name: string;
}

export type GuardWord =
  | { readonly kind: 'watching'; readonly pid: number }
  | {
      readonly kind: 'killed';
      readonly pid: number;
      readonly startTime: string;
      /** Who had started it, nearest first. */
      readonly ancestors: readonly NamedProcess[];
    }
  | { readonly kind: 'denied'; readonly text: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'held' };

function parseAncestor(text: string): NamedProcess | undefined {
  const match = /^(\d+) (\d+) (.*)$/.exec(text);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { pid: Number(match[1]), startTime: match[2], name: match[3] ?? '' };
}

/** One line of the guard; undefined for its heartbeat and for what it never says. */
export function parseGuardLine(line: string): GuardWord | undefined {
  const watching = /^watching (\d+)$/.exec(line);
  if (watching !== null) return { kind: 'watching', pid: Number(watching[1]) };
  if (line === 'clear' || line === 'held') return { kind: line };
  if (line.startsWith('denied ')) return { kind: 'denied', text: line.slice('denied '.length) };
  const killed = /^killed (\d+) (\d+)((?: \| .*)*)$/.exec(line);
  if (killed?.[2] === undefined) return undefined;
  const parts = (killed[3] ?? '').split(' | ').slice(1);
  const ancestors = parts.map(parseAncestor).filter((item) => item !== undefined);
  return { kind: 'killed', pid: Number(killed[1]), startTime: killed[2], ancestors };
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}

export interface Guard {
  /** The guard's pid on its host, once it has said so. */
  readonly pid: number | undefined;
  /** Resolves with the reason when the guard has ended, wanted or not. Never rejects. */
  readonly ended: Promise<string>;
  end(): Promise<void>;
}

const endDeadlineMs = 3000;

/**
 * Runs the guard over an open SSH channel. `tell` is called for each line, in order. Throws what the door throws when
 * the channel cannot be opened.
 */
export async function startGuard(door: Door, target: GuardTarget, tell: (word: GuardWord) => void): Promise<Guard> {
  const stream = await door.read(guardCommand(target));
  let pid: number | undefined;
  const listen = async (): Promise<string> => {
    for await (const line of linesOf(stream)) {
      const word = parseGuardLine(line);
      if (word?.kind === 'watching') pid = word.pid;
      if (word !== undefined) tell(word);
    }
    return 'it has ended';
  };
  const ended = listen().catch(describeError);
  return {
    get pid() {
      return pid;
    },
    ended,
    end: async () => {
      // The channel's end alone would leave it running until its next heartbeat.
      if (pid !== undefined) {
        const look = `grep -q mha-ts-guard /proc/${String(pid)}/cmdline && kill ${String(pid)}`;
        await door.run(look, { deadlineMs: endDeadlineMs }).catch(() => undefined);
      }
      stream.destroy();
      await ended;
    },
  };
}
