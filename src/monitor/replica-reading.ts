import { compareCoordinates } from '../model/coordinates.js';
import type { Channel } from '../model/picture.js';
import type { Testimony } from './evidence.js';

/** One look at a replica's channel. */
export interface Reading {
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly channel: Channel;
}

/**
 * What the dead source had sent is still read from the replica's socket for a moment. Progress sooner after the first
 * miss than this says nothing about the source.
 */
export const drainMs = 1_000;

function hasMoved(before: Channel, after: Channel): boolean {
  if (before.received !== undefined && after.received !== undefined) {
    if (compareCoordinates(after.received, before.received) > 0) return true;
  }
  if (after.receivedGtid !== before.receivedGtid) return true;
  return (after.heartbeatsReceived ?? 0) > (before.heartbeatsReceived ?? 0);
}

/** Did anything arrive between two looks that were both made after the drain? */
export function showsProgress(readings: readonly Reading[], firstMissAt: number): boolean {
  const later = readings.filter(({ at }) => at >= firstMissAt + drainMs);
  return later.some((reading, index) => {
    const before = later[index - 1];
    return before !== undefined && hasMoved(before.channel, reading.channel);
  });
}

type Said = Pick<Testimony, 'replication' | 'why'>;

/**
 * What the readings since the first miss say, together with the last one before it. A receiver that was not at work
 * before the first miss testifies to nothing. Pure.
 */
export function judgeReadings(before: Channel | undefined, readings: readonly Reading[], firstMissAt: number): Said {
  const now = readings.at(-1)?.channel;
  if (now === undefined) return { replication: 'cannot-tell', why: 'its replication status could not be read' };
  if (before !== undefined && before.receiver !== 'running') {
    return { replication: 'cannot-tell', why: `its receiver was ${before.receiver} before` };
  }
  if (now.receiver === 'connecting') return { replication: 'lost-it', why: 'its receiver has lost the source' };
  if (now.receiver !== 'running') return { replication: 'cannot-tell', why: `its receiver is ${now.receiver}` };
  return showsProgress(readings, firstMissAt)
    ? { replication: 'sees-it', why: 'it still receives from the source' }
    : { replication: 'cannot-tell', why: 'its receiver runs without progress' };
}

/** The channel by which a replica follows the source; by server id where that is known, else by name or address. */
export function channelTo(
  channels: readonly Channel[],
  source: { readonly hostname: string; readonly address: string; readonly port: number },
): Channel | undefined {
  const isSource = ({ sourceHost, sourcePort }: Channel): boolean =>
    sourcePort === source.port && (sourceHost === source.hostname || sourceHost === source.address);
  return channels.find(isSource) ?? (channels.length === 1 ? channels[0] : undefined);
}
