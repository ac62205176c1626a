import type * as Oclif from '@oclif/core';
import { helpNamelessUser } from './nameless-user.js';
import { oclifOptions, unknownCommand, unknownCommandExit, unknownCommandWords } from './outside-commands.js';
import { outliveOutput } from './outlive-output.js';

/** What the files in `bin/` call: one command, from the words of the command line to the exit code. */
export async function run(
  url: string,
  words: readonly string[] = process.argv.slice(2),
  exitOf: (code: number) => number = (code) => code,
): Promise<void> {
  outliveOutput(process);
  helpNamelessUser(process.env);
  const { handle, run: runCommand } = await import('@oclif/core');
  outliveOutput(process);
  process.once('unhandledRejection', (reason) => {
    process.stderr.write(
      `This is a fault of mha-ts itself: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`,
    );
    process.exitCode = 1;
    // State is unknown from here on; what is written so far must still reach the pipe.
    setImmediate(() => process.exit(1));
  });
  try {
    // What is written still goes out: the process ends by itself. Waiting for it would wait for a reader that is gone.
    await runCommand([...words], oclifOptions(url));
    process.exitCode = exitOf(Number(process.exitCode ?? 0));
  } catch (error) {
    await tell(error, words, { url, exitOf, handle });
  }
}

/** Commands tell their own errors; what comes here was wrong before one could run, or is how oclif ends a command. */
async function tell(
  error: unknown,
  words: readonly string[],
  { url, exitOf, handle }: { url: string; exitOf: (code: number) => number; handle: typeof Oclif.handle },
): Promise<void> {
  const written = unknownCommand(error);
  if (written === undefined) {
    const failure = error as Parameters<typeof handle>[0];
    if (failure.oclif?.exit !== undefined) failure.oclif.exit = exitOf(failure.oclif.exit);
    await handle(failure);
    return;
  }
  const seen = await unknownCommandWords(written, url);
  const exit = unknownCommandExit(written);
  process.exitCode = exitOf(exit);
  if (!words.includes('--json')) process.stderr.write(`Error: ${seen}\n`);
  else process.stdout.write(`${JSON.stringify({ error: { code: 'USAGE', seen }, exit }, undefined, 2)}\n`);
}
