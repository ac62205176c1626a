import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { type Duplex, type Readable, Transform } from 'node:stream';
import type { CommandResult, Door } from '../../src/ports/shell.js';

/** A host's shell without SSH: the same command texts, run by the local `sh` on real files. */
export class LocalDoor implements Door {
  readonly host = 'local';
  readonly commands: string[] = [];
  /** Runs before each command; tests change the world here. */
  before: (command: string) => void = () => undefined;

  open(): Promise<void> {
    return Promise.resolve();
  }

  async run(command: string): Promise<CommandResult> {
    const child = this.#start(command);
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return {
      code: code ?? undefined,
      stdout: Buffer.concat(out).toString(),
      stderr: Buffer.concat(err).toString(),
    };
  }

  /** As the real door: the stream ends regularly only when the command did. */
  read(command: string, options?: { readonly signal?: AbortSignal }): Promise<Readable> {
    const child = this.#start(command);
    child.stderr.resume();
    const output = inPieces();
    child.stdout.pipe(output, { end: false });
    child.once('close', (code) => {
      if (code === 0) output.end();
      else output.destroy(new Error(`the command ended with ${String(code)}`));
    });
    const abort = (): void => {
      output.destroy(new Error('aborted'));
    };
    if (options?.signal?.aborted === true) abort();
    options?.signal?.addEventListener('abort', abort);
    output.once('close', () => options?.signal?.removeEventListener('abort', abort));
    return Promise.resolve(output);
  }

  connectFrom(): Promise<Duplex> {
    return Promise.reject(new Error('not part of this double'));
  }

  probePort(): Promise<'cannot-tell'> {
    return Promise.resolve('cannot-tell');
  }

  reachFrom(): Promise<'cannot-tell'> {
    return Promise.resolve('cannot-tell');
  }

  async listenOn(accept: (stream: Duplex) => void): Promise<{ readonly port: number; close(): Promise<void> }> {
    const server = createServer(accept);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
      port,
      close: async () => {
        const closed = once(server, 'close');
        server.close();
        await closed;
      },
    };
  }

  close(): void {
    // Nothing is held.
  }

  #start(command: string): ReturnType<typeof spawnShell> {
    this.commands.push(command);
    this.before(command);
    return spawnShell(command);
  }
}

const pieceBytes = 8192;

/**
 * Bounded pieces, one at each read, as packets of SSH come: a pipe gives what has gathered, all of it in one piece where
 * the reader was slow.
 */
function inPieces(): Transform {
  return new Transform({
    readableObjectMode: true,
    transform(bytes: Buffer, _encoding, done) {
      for (let at = 0; at < bytes.length; at += pieceBytes) this.push(bytes.subarray(at, at + pieceBytes));
      done();
    },
  });
}

function spawnShell(command: string) {
  return spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'pipe'] });
}
