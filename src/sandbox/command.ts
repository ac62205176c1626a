import { spawn } from 'node:child_process';
import { Fault } from '../model/fault.js';

export interface CommandOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandSettings {
  readonly input?: string;
  readonly deadlineMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program to its end, with a deadline; its exit code is part of the answer. */
export function tryCommand(argv: readonly string[], settings: CommandSettings = {}): Promise<CommandOutcome> {
  const [program = '', ...args] = argv;
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      stdio: 'pipe',
      timeout: settings.deadlineMs ?? 20_000,
      killSignal: 'SIGKILL',
      ...(settings.env === undefined ? {} : { env: settings.env }),
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => out.push(piece));
    child.stderr.on('data', (piece: Buffer) => err.push(piece));
    child.on('error', failed);
    child.on('close', (code) => done({ code, stdout: String(Buffer.concat(out)), stderr: String(Buffer.concat(err)) }));
    // A program that ends without reading its input is told by its exit code, not by the broken pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(settings.input ?? '');
  });
}

/** As `tryCommand`; anything but exit code 0 is a fault with the program's own words. */
export async function runCommand(argv: readonly string[], settings: CommandSettings = {}): Promise<string> {
  const outcome = await tryCommand(argv, settings).catch((error: unknown) => {
    throw new Fault('SANDBOX_FAILED', { what: `run ${String(argv[0])}`, message: String(error) }, { cause: error });
  });
  if (outcome.code !== 0) {
    const message = (outcome.stderr.trim() || outcome.stdout.trim()).slice(-2000);
    throw new Fault('SANDBOX_FAILED', { what: `run ${argv.slice(0, 2).join(' ')}`, message });
  }
  return outcome.stdout;
}
