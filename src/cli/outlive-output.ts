/**
 * A terminal that is closed (EIO), a reader of a pipe that is gone (EPIPE) or a full disk below the output (ENOSPC) must not end
 * a failover in the middle: what is written from then on is simply not read by anyone; journal and report are files.
 * `streams` are left with this one listener: the one that @oclif/core 4 adds as it is loaded throws for everything but
 * EPIPE, so this is called again once it is there. What is lost on stdout is said once on stderr; nobody is told of a
 * reader that has gone, as he knows.
 */
export function outliveOutput({ stdout, stderr }: Pick<NodeJS.Process, 'stdout' | 'stderr'>): void {
  for (const stream of [stdout, stderr]) stream.removeAllListeners('error');
  stderr.on('error', () => undefined);
  stdout.on('error', () => undefined);
  stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || error.code === 'EIO') return;
    stderr.write(`warning: the output could not be written whole: ${error.message}\n`);
  });
}
