import { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { CommandResult } from '../ports/shell.js';
import { closeChannel } from './close-channel.js';
import { outputMark } from './guarded-command.js';

/** The end of a command: code, or undefined when a signal or the loss of the connection ended it. */
interface Ending {
  readonly code: number | undefined;
  readonly signal: string | undefined;
}

const noise = Buffer.from(outputMark);
/** Start-up files that print more than this before the command begins are taken for its output. */
const maxNoise = 64 * 1024;

/**
 * Passes on what comes after the mark. `rest` gives what was held back when the mark never came: a forced command or
 * a refusing login shell, whose words are worth reading.
 */
function markFilter(): { pass(chunk: Buffer): Buffer; rest(): Buffer; readonly begun: () => boolean } {
  let held: Buffer | undefined = Buffer.alloc(0);
  return {
    pass: (chunk) => {
      if (held === undefined) return chunk;
      held = Buffer.concat([held, chunk]);
      const at = held.indexOf(noise);
      if (at < 0 && held.length <= maxNoise) return Buffer.alloc(0);
      const out = at < 0 ? held : held.subarray(at + noise.length);
      held = undefined;
      return out;
    },
    rest: () => held ?? Buffer.alloc(0),
    begun: () => held === undefined,
  };
}

function boundedText(maxBytes: number): { add(chunk: Buffer): void; text(): string } {
  const chunks: Buffer[] = [];
  let length = 0;
  return {
    add: (chunk) => {
      const part = chunk.subarray(0, Math.max(0, maxBytes - length));
      length += part.length;
      if (part.length > 0) chunks.push(part);
    },
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

function endingOf(code: unknown, signal: unknown): Ending {
  return {
    code: typeof code === 'number' ? code : undefined,
    signal: typeof signal === 'string' ? signal : undefined,
  };
}

/** Collects the output until the command has ended, also beyond `maxBytes`, where it is only dropped. */
export function collect(channel: ClientChannel, maxBytes: number, stdin: string | undefined): Promise<CommandResult> {
  const stdout = boundedText(maxBytes);
  const stderr = boundedText(maxBytes);
  const filter = markFilter();
  return new Promise((resolve) => {
    channel.on('data', (chunk: Buffer) => {
      stdout.add(filter.pass(chunk));
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      stderr.add(chunk);
    });
    channel.on('close', (code: unknown, signal: unknown) => {
      stdout.add(filter.rest());
      resolve({ code: endingOf(code, signal).code, stdout: stdout.text(), stderr: stderr.text() });
    });
    flow(channel);
    if (stdin !== undefined) channel.end(stdin);
  });
}

/** Says why a command's stream did not end well: its exit code, signal or absence of both, and its last words. */
export type EndingFault = (status: string, message: string) => Error;

/**
 * A command's output as a stream that ends only when the command has ended with 0, so that a cut stream can never be
 * taken for a whole one.
 */
export function outputStream(channel: ClientChannel, fault: EndingFault): Readable {
  const filter = markFilter();
  const stderr = boundedText(4096);
  const stream = new Readable({
    highWaterMark: 256 * 1024,
    read: () => {
      channel.resume();
    },
    destroy: (error, done) => {
      closeChannel(channel);
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    const data = filter.pass(chunk);
    if (data.length > 0 && !stream.destroyed && !stream.push(data)) channel.pause();
  });
  channel.stderr.on('data', (chunk: Buffer) => {
    stderr.add(chunk);
  });
  channel.on('close', (code: unknown, signal: unknown) => {
    const ending = endingOf(code, signal);
    if (ending.code === 0 && filter.begun()) stream.push(null);
    else stream.destroy(fault(statusText(ending), lastWords(stderr.text(), filter.rest().toString('utf8'))));
  });
  flow(channel);
  return stream;
}

/** A shell that had waited is handed over paused. */
function flow(channel: ClientChannel): void {
  channel.resume();
  channel.stderr.resume();
}

function statusText({ code, signal }: Ending): string {
  if (code !== undefined) return `exit code ${String(code)}`;
  return signal === undefined ? 'no exit code' : `signal ${signal}`;
}

function lastWords(...texts: readonly string[]): string {
  const said = texts.map((text) => text.trim()).filter((text) => text !== '');
  return said.length > 0 ? said.join('; ') : '(it said nothing)';
}
