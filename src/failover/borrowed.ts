import type { Channel } from '../model/picture.js';
import { type ServerId, settingsOf } from '../model/settings.js';
import type { World } from './hand.js';
import type { Step } from './plan.js';
import { restoreAndGoOn } from './steps/raise-appliers.js';
import { removeAsideCommand } from './steps/relay-logs.js';
import { armSemiSync } from './steps/semi-sync.js';
import { restoreFormer } from './steps/serve.js';
import { channelOf, run } from './steps/sql.js';

/** How one thing is given back: tried, and said when it fails. */
type Quietly = (what: string, work: () => Promise<void>) => Promise<void>;

/** A replica whose host is gone says nothing within any time. */
const purgeMs = 5_000;

/** What was changed for the time of the run alone, whatever became of the steps that put it back. */
export async function giveBack(touched: readonly Step[], world: World, quietly: Quietly): Promise<void> {
  const calm: World = { ...world, signal: new AbortController().signal };
  for (const server of [...world.facts.raised]) {
    const what = `putting back slave_parallel_threads and slave_parallel_mode of ${server}`;
    await quietly(what, () => restoreAndGoOn(server, calm));
  }
  if (world.facts.opened === undefined) return;
  await disarm(touched, calm, quietly);
  await restoreLeftBehind(touched, calm, quietly);
  await purgeAgain(touched, calm, quietly);
}

/**
 * Whoever could not be frozen, or fell silent behind it, is in no plan that puts this back, and goes on without a restart once it
 * is repaired: its disk would fill with relay logs.
 */
async function purgeAgain(touched: readonly Step[], world: World, quietly: Quietly): Promise<void> {
  const restored = new Set(touched.flatMap((step) => (step.do === 'restore-relay-purge' ? [step.server] : [])));
  const kept = new Set(touched.flatMap((step) => (step.do === 'keep-relay-logs' ? [step.server] : [])));
  const left = [...kept].filter((server) => !restored.has(server));
  await Promise.all(
    left.map((server) =>
      quietly(`putting back relay_log_purge=1 of ${server}`, async () =>
        run(world, server, world.servers.dialect(server).relayLogPurge(true), purgeMs),
      ),
    ),
  );
}

/** Whoever was made ready to be the source and gave way to another one is a replica as it was. */
async function disarm(touched: readonly Step[], world: World, quietly: Quietly): Promise<void> {
  for (const step of touched) {
    if (step.do !== 'arm-semi-sync' || step.server === world.facts.opened?.server) continue;
    await quietly(`putting back the semi-synchronous settings of ${step.server}`, async () =>
      armSemiSync.undo?.(step, world),
    );
  }
}

/**
 * Replicas that were pointed to the recovery source and follow nobody now get their former settings back. One that was pointed
 * to the new source is left so, though it could not be seen to follow it: its place is one in the new source's log by then, and
 * named with the old source it would be wrong. It goes on as soon as what hinders it is mended.
 */
async function restoreLeftBehind(touched: readonly Step[], world: World, quietly: Quietly): Promise<void> {
  const { facts } = world;
  const restored = new Set<ServerId>();
  for (const step of touched) {
    if (step.do !== 'point-to-recovery' || step.server === facts.opened?.server) continue;
    const former = facts.former.get(step.server);
    if (facts.following.has(step.server) || restored.has(step.server) || former === undefined) continue;
    restored.add(step.server);
    await quietly(`restoring the settings of ${step.server}`, async () => {
      const now = await channelOf(world, step.server, step.channel);
      if (!isPointedToNewSource(now, world)) await restoreFormer(step.channel, former, world);
    });
  }
}

function isPointedToNewSource(now: Channel | undefined, { facts, settings }: World): boolean {
  if (now === undefined || facts.opened === undefined) return false;
  const { hostname, address, port } = settingsOf(settings, facts.opened.server);
  return now.sourcePort === port && [hostname, address].includes(now.sourceHost);
}

/** Relay logs that were linked aside: each plan may have found another replica to be the newest. One host that fails holds up no other. */
export async function removeAside({ facts, shells }: World, quietly: Quietly): Promise<void> {
  for (const [server, directory] of facts.asideOn)
    await quietly(`removing the linked relay logs on ${server}`, async () => {
      await shells.door(server).run(removeAsideCommand(directory), { deadlineMs: 10_000 });
    });
}
