import type { ClientChannel } from 'ssh2';
import { closeChannel } from './close-channel.js';
import { asError } from './deadline.js';
import { outputMark, readyMark } from './guarded-command.js';

/** A login shell that has not come through its start-up files by then does not count as one that waits. */
const readyMs = 30_000;
/** Start-up files that print more than this are taken for something else than a shell. */
const maxNoise = 64 * 1024;

/** Finds a mark in what comes in pieces. */
function seek(mark: string): { take(chunk: Buffer): boolean; readonly held: () => Buffer } {
  const wanted = Buffer.from(mark);
  let held: Buffer = Buffer.alloc(0);
  return {
    take: (chunk) => {
      held = Buffer.concat([held, chunk]);
      return held.includes(wanted);
    },
    held: () => held,
  };
}

/** True once the shell waits for its command; false when it ended before that. What it says meanwhile is dropped. */
export function untilReady(channel: ClientChannel): Promise<boolean> {
  return new Promise((resolve) => {
    const ready = seek(readyMark);
    const timer = setTimeout(() => closeChannel(channel), readyMs).unref();
    const settle = (isReady: boolean): void => {
      clearTimeout(timer);
      channel.off('data', listen).off('close', end);
      channel.resume(); // Unread data would keep ssh2 from noticing the end of the channel.
      resolve(isReady);
    };
    const listen = (chunk: Buffer): void => {
      if (ready.take(chunk)) settle(true);
      else if (ready.held().length > maxNoise) closeChannel(channel);
    };
    const end = (): void => settle(false);
    channel.on('data', listen).once('close', end);
    channel.stderr.resume();
  });
}

/**
 * Gives a waiting shell its command. True once the command has begun, with its output still to be read, mark included,
 * and both streams paused; false when the shell ended without it. Throws the signal's reason.
 */
export function hand(channel: ClientChannel, order: string, signal: AbortSignal | undefined): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const begun = seek(outputMark);
    const settle = (): void => {
      signal?.removeEventListener('abort', abort);
      channel.off('data', listen).off('close', end);
    };
    const listen = (chunk: Buffer): void => {
      if (!begun.take(chunk)) return;
      settle();
      channel.pause();
      channel.unshift(begun.held());
      resolve(true);
    };
    const end = (): void => {
      settle();
      resolve(false);
    };
    const abort = (): void => {
      settle();
      closeChannel(channel);
      reject(asError(signal?.reason));
    };
    channel.on('data', listen).once('close', end);
    channel.stderr.pause();
    if (signal?.aborted === true) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    channel.write(order);
  });
}
