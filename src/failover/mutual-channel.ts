import type { Channel } from '../model/picture.js';
import type { ServerSettings } from '../model/settings.js';

/** The channel by which a source follows the server that is to take over: each follows the other. */
export function mutualChannel(channels: readonly Channel[], next: ServerSettings | undefined): Channel | undefined {
  return channels.find(
    ({ sourceHost, sourcePort }) => sourcePort === next?.port && [next.hostname, next.address].includes(sourceHost),
  );
}

/** It was at work: it goes on best where it is. */
export function isAtWork({ receiver, applier }: Channel): boolean {
  return receiver === 'running' && applier === 'running';
}
