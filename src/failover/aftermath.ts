import type { Servers } from '../ports/servers.js';
import { closeStrays } from './close-strays.js';
import { heldByGone } from './held-by-gone.js';
import type { Story } from './outcome.js';

const observeMs = 5_000;

/** The last look of a failover: how everybody stands, nobody taking writes beside the new source, and what stayed behind. */
export async function lookAtAftermath(
  story: Story,
  servers: Pick<Servers, 'observe' | 'dialect' | 'run'>,
): Promise<void> {
  const others = story.settings.servers.map(({ id }) => id).filter((id) => id !== story.source);
  story.after = await servers.observe(observeMs, others);
  if (await closeStrays(story, servers)) story.after = await servers.observe(observeMs, others);
  story.losses.push(...heldByGone(story));
}
