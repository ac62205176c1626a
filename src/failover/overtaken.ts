import { type Channel, type Picture, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Link } from './preflight/link.js';
import type { FormerRecord } from './put-back.js';

/** A server that somebody has changed since, and in what. */
export interface Overtaken {
  readonly server: ServerId;
  readonly how: string;
}

/**
 * Whether a killed run is history: a person, or another manager, has gone on since. Before its point of no return a run points
 * replicas at the recovery source alone, and removes no channel; whoever follows another server of the cluster now, or nobody,
 * was led there by somebody else. Putting back would make a replica of the server that takes writes today.
 */
export function overtaken(record: FormerRecord, links: readonly Link[], picture: Picture): Overtaken | undefined {
  for (const { server, channel } of record.formers) {
    if (stateOf(picture, server) === undefined) continue;
    const link = links.find((one) => one.server === server && one.channel === channel.name);
    if (link === undefined) return { server, how: `it does not follow ${record.source} any more` };
    if (link.source !== undefined && link.source !== record.source)
      return { server, how: `it follows ${link.source}, and no longer ${record.source}` };
  }
  const led = links.find((link) => link.server === record.source && isNew(link, record, picture));
  return led?.source === undefined ? undefined : { server: led.server, how: `it follows ${led.source}` };
}

/** The source of a switch that follows another server of the cluster, and did not before. */
function isNew(link: Link, { sourceFollowed }: FormerRecord, picture: Picture): boolean {
  if (link.source === undefined || sourceFollowed === undefined) return false;
  if (sourceFollowed.some(({ host, port }) => host === link.host && port === link.port)) return false;
  const channel = stateOf(picture, link.server)?.channels.find(({ name }) => name === link.channel);
  return channel !== undefined && !isAtRest(channel);
}

function isAtRest({ receiver, applier }: Channel): boolean {
  return receiver === 'stopped' && applier === 'stopped';
}
