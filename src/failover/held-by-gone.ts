import { formatCoordinates, isBefore, latest } from '../model/coordinates.js';
import { stateOf } from '../model/picture.js';
import { reached } from './newest.js';
import type { Story } from './outcome.js';

/**
 * What a replica was seen to have received that the new source has not: it died, or could not be frozen, before its relay log
 * could be read. Where coordinates do not tell, nothing is said.
 */
export function heldByGone({ before, members, source, facts }: Story): readonly string[] {
  const { opened } = facts;
  if (before === undefined || opened === undefined) return [];
  const goal = latest([facts.target, facts.executed.get(opened.server)].filter((place) => place !== undefined));
  if (goal === undefined) return [];
  return members.flatMap(({ server, channel: name }) => {
    if (server === opened.server || facts.following.has(server)) return [];
    const channel = stateOf(before, server)?.channels.find((one) => one.name === name);
    const held = channel === undefined ? undefined : reached({ channel });
    if (held === undefined || !isBefore(goal, held)) return [];
    const seen = `${server} had received the binary log of ${source} up to ${formatCoordinates(held)} when it was last seen`;
    const rest = `what lies between is lost, unless ${server} comes back and its relay log is read`;
    return [`${seen}, and ${opened.server} has it up to ${formatCoordinates(goal)}: ${rest}.`];
  });
}
