import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { CommandOptions, CommandResult, Door } from '../../../src/ports/shell.js';

async function runWith(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  const child = spawn('env', words, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    output.stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr += chunk.toString();
  });
  // A command that ends without reading closes the pipe; that is its right.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.stdin ?? '');
  const timer = setTimeout(() => child.kill('SIGKILL'), options.deadlineMs);
  // As over SSH: the answer is complete only when nobody holds the output any more.
  const [code] = (await once(child, 'close')) as [number | null];
  clearTimeout(timer);
  return { code: code ?? undefined, ...output };
}

/** A door to this very machine: what SSH would run there, a local shell runs here, below a program of the caller's. */
export function localDoor(...below: readonly string[]): Door {
  const words = [...below, 'sh', '-c'];
  return {
    host: 'localhost',
    open: () => Promise.resolve(),
    run: (command, options) => runWith([...words, command], options),
    read: (command) => {
      const child = spawn('env', [...words, command], { stdio: ['ignore', 'pipe', 'inherit'] });
      return Promise.resolve(child.stdout);
    },
    connectFrom: async (address, port) => {
      const socket = connect({ host: address, port });
      await once(socket, 'connect');
      return socket;
    },
    probePort: async (address, port) => {
      const socket = connect({ host: address, port });
      try {
        await once(socket, 'connect');
        return 'open';
      } catch {
        return 'refused';
      } finally {
        socket.destroy();
      }
    },
    reachFrom: async (address, port) => {
      const socket = connect({ host: address, port });
      try {
        await once(socket, 'connect');
        return socket;
      } catch {
        return 'refused';
      }
    },
    listenOn: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
}
