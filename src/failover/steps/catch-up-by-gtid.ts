import { Fault } from '../../model/fault.js';
import type { Hand } from '../hand.js';
import { failIfBroken, markOf } from './applier.js';
import { answerOf, channelOf, shown } from './sql.js';
import { untilDone } from './stall.js';

/** One slice of the server's own wait, in seconds: short enough to look at the threads' errors in between. */
const sliceSeconds = 1;

/**
 * A replica that takes what it misses from the new source itself is recovered when it has everything that was there before
 * the new source was opened. MHA's wait_until_gtid_in_sync; it has no end there.
 */
export const catchUpByGtid: Hand<'catch-up-by-gtid'> = {
  title: ({ server }) => `${server}: catch up with the new source`,
  deadlineMs: Number.POSITIVE_INFINITY,
  onlyLooks: true,
  async perform({ server, channel: name }, world) {
    const { opened, following } = world.facts;
    if (opened === undefined || opened.gtid === '') return;
    // Until then it follows, and is not recovered.
    following.delete(server);
    const question = world.servers.dialect(server).waitForGtid(opened.gtid, sliceSeconds);
    const stallMs = world.settings.applierStallSeconds * 1000;
    const end = await untilDone(world.clock, stallMs, world.signal, async () => {
      if ((await answerOf(world, server, question, sliceSeconds * 1000 + 5_000)) === 0) return { done: true };
      const channel = await channelOf(world, server, name);
      failIfBroken(server, channel);
      // Of a large transaction nothing but the relay log's size shows that it comes in.
      const mark = `${channel.receivedGtid} ${markOf(channel)}`;
      world.progress(`at ${mark}`);
      return { done: false, mark };
    });
    if (end.stalled) {
      const seconds = world.settings.applierStallSeconds;
      throw new Fault('TARGET_NOT_REACHED', { server, target: opened.gtid, at: end.mark, seconds });
    }
    following.add(server);
  },
  show: ({ server }, { servers, facts }) =>
    shown([servers.dialect(server).waitForGtid(facts.opened?.gtid ?? '(what the new source has)', sliceSeconds)]),
};
