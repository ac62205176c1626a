import { Fault } from '../../model/fault.js';
import type { SemiSync } from '../../model/semi-sync.js';
import type { ServerId } from '../../model/settings.js';
import type { Statement } from '../../model/statement.js';
import type { Hand, World } from '../hand.js';
import { run, shown } from './sql.js';

type Sight = Pick<World, 'facts' | 'source' | 'servers'>;

/** What the new source is set to itself, and whether it is to wait: as the old one did, where anybody has seen that. */
function wanted(server: ServerId, { facts, source }: Pick<World, 'facts' | 'source'>) {
  const own = facts.former.get(server)?.state.semiSync;
  if (own?.asSource === undefined) return undefined;
  const former = source.past?.semiSync?.asSource;
  const enabled = source.past === undefined ? own.asSource.enabled : (former?.enabled ?? false);
  const waitsForNobody = former?.waitsForNobody ?? own.asSource.waitsForNobody;
  return { words: own.words, own: own.asSource, enabled, waitsForNobody, replicas: own.asSource.replicas };
}

function arming(server: ServerId, sight: Sight): readonly Statement[] {
  const set = wanted(server, sight);
  if (set === undefined || !(set.enabled || set.own.enabled)) return [];
  return sight.servers.dialect(server).semiSyncAsSource(set.words, { enabled: set.enabled, waitsForNobody: false });
}

/**
 * The new source is opened before any replica follows it: waiting for them would hold its first writes up for the whole
 * timeout. Each that attaches is counted from the start; the source waits as soon as there are enough.
 */
export const armSemiSync: Hand<'arm-semi-sync'> = {
  title: ({ server }) => `${server}: wait for semi-synchronous replicas only once they are there`,
  deadlineMs: 10_000,
  already: ({ server }, world) => Promise.resolve(arming(server, world).length === 0),
  perform: ({ server }, world) => run(world, server, arming(server, world)),
  async undo({ server }, world) {
    const set = wanted(server, world);
    if (set === undefined || arming(server, world).length === 0) return;
    await run(world, server, world.servers.dialect(server).semiSyncAsSource(set.words, set.own));
  },
  show: ({ server }, sight) => shown(arming(server, sight)),
};

const attachMs = 10_000;
const pollMs = 100;

/** All that can follow does: enough of them must be attached, before the source may wait for those that are missing. */
export const settleSemiSync: Hand<'settle-semi-sync'> = {
  title: ({ server }) => `${server}: wait for semi-synchronous replicas again`,
  deadlineMs: attachMs + 10_000,
  already: ({ server }, world) => Promise.resolve(wanted(server, world)?.enabled !== true),
  async perform({ server }, world) {
    const set = wanted(server, world);
    if (set === undefined) return;
    const attached = await untilAttached(server, set.words, set.replicas, world);
    if (attached < set.replicas) throw new Fault('SEMI_SYNC_SHORT', { server, attached, wanted: set.replicas });
    await run(world, server, world.servers.dialect(server).semiSyncAsSource(set.words, set));
  },
  show: ({ server }, sight) => {
    const set = wanted(server, sight);
    return set?.enabled === true ? shown(sight.servers.dialect(server).semiSyncAsSource(set.words, set)) : [];
  },
};

async function untilAttached(server: ServerId, words: SemiSync['words'], least: number, world: World): Promise<number> {
  const { clock, servers, signal } = world;
  const until = clock.now() + attachMs;
  for (;;) {
    const rows = await servers.ask(server, servers.dialect(server).semiSyncStatus(words), {
      deadlineMs: 5_000,
      signal,
    });
    const clients = rows.find((row) => String(row['Variable_name']).endsWith('_clients'));
    const attached = Number(clients?.['Value'] ?? 0);
    if (attached >= least || clock.now() >= until) return attached;
    await clock.sleep(pollMs, signal);
  }
}
