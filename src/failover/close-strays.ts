import { describeError } from '../model/fault.js';
import { stateOf } from '../model/picture.js';
import type { ServerId } from '../model/settings.js';
import type { Servers } from '../ports/servers.js';
import type { Story } from './outcome.js';

const closeMs = 15_000;

/**
 * One writable server is what a failover leaves behind. A replica that was restarted meanwhile is what its option file says,
 * and many a site closes its replicas by hand only: clients in search of a server find it, and write there.
 * True when there was one, so that what was seen of it is not so any more.
 */
export async function closeStrays(story: Story, servers: Pick<Servers, 'dialect' | 'run'>): Promise<boolean> {
  const { facts, members, unreachable, after } = story;
  const { opened } = facts;
  if (opened === undefined || after === undefined) return false;
  const ours = new Set([...members.map(({ server }) => server), ...unreachable]);
  ours.delete(opened.server);
  const open = [...ours].filter((id) => stateOf(after, id)?.readOnly === false);
  await Promise.all(open.map((id) => close(id, opened.server, story, servers)));
  story.strays.push(...open);
  return open.length > 0;
}

async function close(
  id: ServerId,
  source: ServerId,
  { losses, next }: Story,
  servers: Pick<Servers, 'dialect' | 'run'>,
): Promise<void> {
  const seen = `${id} was found taking writes beside ${source}, as after a restart`;
  const left = 'what clients have written there is on that server alone';
  try {
    await servers.run(id, servers.dialect(id).readOnly(true), { deadlineMs: closeMs });
    losses.push(`${seen}: it was closed again, and ${left}.`);
  } catch (error) {
    losses.push(`${seen}, and could not be closed (${describeError(error)}): ${left}.`);
    next.push(`close ${id} for writes at once (read_only=1): ${source} is the source`);
  }
}
