import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { CommandOptions, CommandResult, Door } from '../../../src/ports/shell.js';

async function run(command: string, options: CommandOptions): Promise<CommandResult> {
  const child = spawn('sh', ['-c', command], { stdio: ['pipe', 'pipe', 'pipe'] });
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

/** A door to this very machine: what SSH would run there, a local shell runs here. */
export function localDoor(): Door {
  return {
    host: 'localhost',
    open: () => Promise.resolve(),
    run,
    read: (command) => {
      const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] });
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
    listenOn: () => Promise.reject(new Error('not here')),
    close: () => undefined,
  };
}
