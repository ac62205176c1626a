import { type Picture, stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { RunFacts } from './hand.js';
import type { Member } from './plan.js';

/** What has become of a replica that was seen to follow. */
interface Ended {
  readonly why: string;
  /** Left out: what is to be done with any replica that was left behind. */
  readonly next?: string;
}

interface Sight {
  readonly facts: Pick<RunFacts, 'opened' | 'following'>;
  readonly members: readonly Member[];
  readonly after?: Picture;
}

/**
 * Pure: undefined for one that was never seen to follow, or still does. A server may have died since. So may a thread that ran when it
 * was looked at: a receiver counts as connected before the source has been asked for events, and a source that cannot give them says so
 * a moment later.
 */
export function endedSince(server: ServerId, { after, facts, members }: Sight): Ended | undefined {
  if (after === undefined || facts.opened === undefined || !facts.following.has(server)) return undefined;
  if (isSilent(server, after)) {
    const next = `look at ${server}: it was pointed to ${facts.opened.server}, and is to follow it again when it is back`;
    return { why: 'it followed, and does not answer any more', next };
  }
  // The old source of a switch is no member: it follows by a channel of the name that the new one used.
  const { server: opened } = facts.opened;
  const member = [server, opened]
    .map((id) => members.find((one) => one.server === id))
    .find((one) => one !== undefined);
  const name = member?.channel;
  const channel = stateOf(after, server)?.channels.find((one) => one.name === name);
  if (channel === undefined) return undefined;
  const { receiver, receiverError, applier, applierError } = channel;
  if (receiver === 'stopped' && receiverError.number !== 0) return stopped('receiver', receiverError);
  return applier === 'stopped' && applierError.number !== 0 ? stopped('applier', applierError) : undefined;
}

/** Dead, or not to be reached: one that refuses a login, or has too many connections, is neither. */
export function isSilent(server: ServerId, picture: Picture | undefined): boolean {
  const kind = picture?.servers.get(server)?.kind;
  return kind === 'port-refused' || kind === 'no-answer';
}

function stopped(thread: string, { number, text }: { readonly number: number; readonly text: string }): Ended {
  return { why: `it followed, and its ${thread} ended with error ${String(number)}: ${text}` };
}
