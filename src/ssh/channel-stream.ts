import { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { closeChannel } from './close-channel.js';

/**
 * A channel as an ordinary stream. ssh2's own replaces `destroy`, never emits 'error', shows a lost connection as a
 * regular end, and forgets the callback of a write that waits for window when the channel closes; nothing of that
 * fits `pipeline` or `for await`.
 *
 * @param whyLost the reason when the connection below is gone, which turns an end into an error
 */
export function channelStream(channel: ClientChannel, whyLost: () => Error | undefined): Duplex {
  let pendingWrite: ((error?: Error | null) => void) | undefined;
  let closed = false;
  const stream = new Duplex({
    allowHalfOpen: false,
    highWaterMark: 256 * 1024,
    read: () => {
      channel.resume();
    },
    write: (chunk: Buffer, _encoding, done) => {
      if (closed) return done(brokenPipe());
      pendingWrite = done;
      channel.write(chunk, (error) => {
        if (pendingWrite !== done) return;
        pendingWrite = undefined;
        done(error);
      });
    },
    final: (done) => {
      if (!closed) channel.end();
      done();
    },
    destroy: (error, done) => {
      closeChannel(channel);
      done(error);
    },
  });
  channel.on('data', (chunk: Buffer) => {
    if (!stream.destroyed && !stream.push(chunk)) channel.pause();
  });
  channel.on('end', () => {
    const lost = whyLost();
    if (lost !== undefined) stream.destroy(lost);
    else if (!stream.destroyed) stream.push(null);
  });
  channel.on('error', (error: Error) => stream.destroy(error));
  channel.on('close', () => {
    closed = true;
    pendingWrite?.(brokenPipe());
    pendingWrite = undefined;
  });
  return stream;
}

function brokenPipe(): Error {
  return Object.assign(new Error('the other side has closed the channel'), { code: 'EPIPE' });
}
