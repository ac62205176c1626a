import { execute } from '@oclif/core';
import { outliveOutput } from './outlive-output.js';

/** What `bin/run.js` calls: one command, from the words of the command line to the exit code. */
export async function run(url: string): Promise<void> {
  outliveOutput([process.stdout, process.stderr]);
  process.once('unhandledRejection', (reason) => {
    process.stderr.write(
      `This is a fault of mha-ts itself: ${reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)}\n`,
    );
    process.exitCode = 1;
    // State is unknown from here on; what is written so far must still reach the pipe.
    setImmediate(() => process.exit(1));
  });
  await execute({ dir: url });
}
