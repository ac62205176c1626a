import type { ServerOutcome } from '../model/outcome.js';
import { type Picture, stateOf } from '../model/picture.js';
import type { ClusterSettings, ServerId } from '../model/settings.js';
import type { RunFacts } from './hand.js';
import { mutualChannel } from './mutual-channel.js';

/** What tells whom a server that was left behind is set to follow. */
export interface SetToSight {
  readonly settings: ClusterSettings;
  readonly facts: Pick<RunFacts, 'opened' | 'former'>;
  readonly after?: Picture;
}

/**
 * As its status said at the end. One that was pointed to the new source is left so, though it does not follow it yet: whoever
 * gave it the recorded place once more could have it apply twice what has come since.
 */
export function setTo(server: ServerId, { settings, facts, after }: SetToSight): ServerOutcome['setTo'] {
  const channels = (after === undefined ? undefined : stateOf(after, server))?.channels ?? [];
  const former = facts.former.get(server)?.channel;
  // A replica's other channels are none of ours; the old source of a switch had none of its own that we moved.
  const moved = former === undefined ? channels : channels.filter(({ name }) => name === former.name);
  const newSource = settings.servers.find(({ id }) => id === facts.opened?.server);
  if (mutualChannel(moved, newSource) !== undefined) return 'new-source';
  const isAsBefore = moved.some(
    ({ sourceHost, sourcePort }) => sourceHost === former?.sourceHost && sourcePort === former.sourcePort,
  );
  return isAsBefore ? 'former-source' : undefined;
}
