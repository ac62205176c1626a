/**
 * A terminal that is closed (EIO) or a reader of a pipe that is gone (EPIPE) must not end a failover in the middle: what
 * is written from then on is simply not read by anyone; journal and report are files. `streams` are left with this one
 * listener: the one that @oclif/core 4 adds throws for everything but EPIPE.
 */
export function outliveOutput(streams: readonly NodeJS.WriteStream[]): void {
  for (const stream of streams) {
    stream.removeAllListeners('error');
    stream.on('error', () => undefined);
  }
}
