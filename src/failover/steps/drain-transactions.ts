import { Fault, isFault } from '../../model/fault.js';
import type { OpenTransaction } from '../../model/picture.js';
import type { ServerId } from '../../model/settings.js';
import type { Hand, World } from '../hand.js';
import { run } from './sql.js';

const pollMs = 20;

function listed(transactions: readonly OpenTransaction[]): string {
  return transactions
    .map(
      ({ connectionId, user, seconds, statement }) =>
        `${String(connectionId)} (${user}, ${String(seconds)} s${statement === '' ? '' : `: ${statement}`})`,
    )
    .join('; ');
}

/** A connection that runs one short transaction after another is not one long one. */
function isSame(old: OpenTransaction, now: OpenTransaction): boolean {
  return old.connectionId === now.connectionId && old.id === now.id && now.seconds >= old.seconds;
}

/** Seconds after which a transaction that began meanwhile is waited for as well. */
const longSeconds = 2;

/**
 * While writes are still open: lets running transactions come to their end, since nobody can move an open one over.
 * Those that do not end in time make the switch refuse, or are ended by their ids where the operator said so.
 */
export const drainTransactions: Hand<'drain-transactions'> = {
  title: ({ server }) => `${server}: let open transactions end`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server }, world) {
    const { clock, settings, facts } = world;
    const until = clock.now() + settings.switchDrainSeconds * 1000;
    const left = await untilEnded(server, await look(server, world), until, world);
    if (left.length === 0) return;
    if (!facts.endTransactions) throw new Fault('TRANSACTIONS_OPEN', { server, transactions: listed(left) });
    for (const transaction of left) await endTransaction(server, transaction, world);
    const stuck = await untilEnded(server, left, clock.now() + undoneWithinMs, world);
    const same = stuck.filter((open) => left.some((old) => isSame(old, open)));
    if (same.length > 0) throw new Fault('TRANSACTIONS_OPEN', { server, transactions: listed(same) });
  },
  show: ({ server }, { settings, facts }) => [
    `wait up to ${String(settings.switchDrainSeconds)} s for open transactions on ${server}`,
    ...(facts.endTransactions ? ['KILL CONNECTION (the id of each that is still open then)'] : []),
  ],
};

/** An ended transaction is gone when its server has undone it. */
const undoneWithinMs = 10_000;

function look(server: ServerId, { servers, signal }: World): Promise<readonly OpenTransaction[]> {
  return servers.openTransactions(server, { deadlineMs: 5_000, signal });
}

/**
 * Short transactions come and go; only those that were open at the start hold the switch up, and those that turn out to be
 * long. Gives what is still open when the time is over.
 */
async function untilEnded(
  server: ServerId,
  first: readonly OpenTransaction[],
  until: number,
  world: World,
): Promise<readonly OpenTransaction[]> {
  let waiting = first;
  while (waiting.length > 0 && world.clock.now() < until) {
    world.progress(`waiting for ${String(waiting.length)}: ${listed(waiting)}`);
    await world.clock.sleep(pollMs, world.signal);
    const before = waiting;
    const now = await look(server, world);
    waiting = now.filter((open) => open.seconds >= longSeconds || before.some((old) => isSame(old, open)));
  }
  return waiting;
}

/** Unknown thread id (ER_NO_SUCH_THREAD): it ended by itself in this moment. */
const noSuchThread = 1094;

async function endTransaction(
  server: ServerId,
  { connectionId, user, statement }: OpenTransaction,
  world: World,
): Promise<void> {
  try {
    await run(world, server, world.servers.dialect(server).endConnection(connectionId));
    world.facts.ended.push({ connectionId, user, statement });
  } catch (error) {
    if (!isFault(error, 'SQL_FAILED') || error.facts['errno'] !== noSuchThread) throw error;
  }
}
