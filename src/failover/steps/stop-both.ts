import type { ServerId } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Row } from '../../ports/servers.js';
import type { Bench } from '../hand.js';
import { channelOf, run } from './sql.js';

const lookMs = 200;
const askMs = 5_000;
const gapsMs = 30_000;

/**
 * Stops both threads of a replica, at the end of a transaction. Parallel appliers of MySQL wait a minute for the rest of one
 * that was cut, though nobody will send it: where all of them wait, they are ended, and the server rolls that one back.
 */
export async function stopBoth(server: ServerId, channel: string, world: Bench, deadlineMs?: number): Promise<void> {
  const dialect = world.servers.dialect(server);
  const over = new AbortController();
  const stopping = run(world, server, dialect.stopReplication(channel), deadlineMs).finally(() => over.abort());
  const question = dialect.parallelAppliers(channel);
  // Where they cannot be looked at or ended, the stop takes as long as the server wants.
  const ending =
    question === undefined ? undefined : endStarved(server, question, world, over.signal).catch(() => false);
  await stopping;
  if (await ending) await fillGaps(server, channel, world);
}

/** Looks on until the stop is over. True when the appliers had to be ended. */
async function endStarved(server: ServerId, question: Statement, world: Bench, over: AbortSignal): Promise<boolean> {
  let before: readonly number[] = [];
  for (;;) {
    await world.clock.sleep(lookMs, AbortSignal.any([world.signal, over]));
    const now = allWaiting(await world.servers.ask(server, question, { deadlineMs: askMs, signal: world.signal }));
    if (over.aborted) return false;
    // One that was given work a moment ago may not show it yet: they must be seen so twice.
    if (now.length > 0 && now.join() === before.join()) {
      for (const id of now) await run(world, server, world.servers.dialect(server).endConnection(id));
      return true;
    }
    before = now;
  }
}

/** The numbers of all, if each of them waits for more; none, if one of them is at work. */
function allWaiting(rows: readonly Row[]): readonly number[] {
  return rows.every(({ waits }) => Number(waits) === 1) ? rows.map(({ id }) => Number(id)) : [];
}

/**
 * MySQL refuses any CHANGE (1802) where parallel appliers ended by an error: what one of them had done before its turn must
 * be made up for first, and only then is the position right that it shows. Where the error stands in the way of that
 * as well, the CHANGE says so.
 */
export async function fillGaps(server: ServerId, channel: string, world: Bench): Promise<void> {
  const statements = world.servers.dialect(server).fillGaps(channel);
  if (statements.length === 0) return;
  await run(world, server, statements);
  const until = world.clock.now() + gapsMs;
  while ((await channelOf(world, server, channel))?.applier !== 'stopped' && world.clock.now() < until)
    await world.clock.sleep(10, world.signal);
}
