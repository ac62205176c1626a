import { type Coordinates, formatCoordinates, isBefore, latest } from '../../model/coordinates.js';
import { Fault } from '../../model/fault.js';
import type { ServerId } from '../../model/settings.js';
import type { SavedRange } from '../../ports/recovery.js';
import type { Hand, World } from '../hand.js';
import { reached } from '../newest.js';
import { relayFilesOf } from '../relay-files.js';
import { describeRange } from './saved-ranges.js';
import { channelOf } from './sql.js';

function relayPlace(world: World, server: ServerId): { relayLogBase: string; relayLogIndex: string; dataDir: string } {
  const former = world.facts.former.get(server);
  const { aside } = world.facts;
  const files = aside?.server === server ? aside : former && relayFilesOf(former);
  if (files === undefined || former === undefined) throw new Fault('RELAY_LOG_UNKNOWN', { server });
  return { relayLogBase: files.base, relayLogIndex: files.index, dataDir: former.state.dataDir };
}

/** From that place on; left out: from where the replica's relay log begins. */
export async function copyRelay(world: World, server: ServerId, from: Coordinates | undefined): Promise<SavedRange> {
  const former = world.facts.former.get(server);
  const received = former?.channel.received;
  const replicaServerId = former?.state.serverId ?? 0;
  const place = { ...relayPlace(world, server), ...(received === undefined ? {} : { received }) };
  const range = await world.recovery.saveRelay(
    { host: server, ...place, replicaServerId, ...(from === undefined ? {} : { from }) },
    world.signal,
  );
  world.facts.saved.push({ from: server, kind: 'relay', range });
  world.progress(describeRange(range));
  return range;
}

/**
 * The relay log is all that there is, and may be encrypted, purged or damaged: who is brought level with a part of it would lead
 * without the rest, which that replica has.
 */
async function refuseIfShort(server: ServerId, { to, bytes, defect }: SavedRange, world: World): Promise<void> {
  if (defect === undefined) return;
  const { chosen, former } = world.facts;
  const now = await channelOf(world, server, former.get(server)?.channel.name ?? '');
  const isCut = defect.kind === 'torn';
  // Cut inside the last transaction: nobody has the rest of that. Cut anywhere else, it may be executed already.
  if (isCut && (now?.executed === undefined || !isBefore(to, now.executed))) return;
  const held = now === undefined ? undefined : reached({ channel: now });
  if (held === undefined ? bytes > 0 : !isBefore(to, held)) return;
  throw new Fault('HISTORIES_APART', { server: chosen ?? 'another one', other: server, missing: defect.text });
}

/** Phase 3: what only the newest replica still holds, copied before anything there may remove it. */
export const saveRelay: Hand<'save-relay'> = {
  title: ({ server }) => `${server}: copy its relay log`,
  deadlineMs: Number.POSITIVE_INFINITY,
  async perform({ server, from, whole }, world) {
    const range = await copyRelay(world, server, from);
    if (whole === true) await refuseIfShort(server, range, world);
    const known = world.facts.target;
    if (known === undefined || isBefore(known, range.to)) world.facts.target = range.to;
    world.facts.servedTo = latest([range.to, ...(known === undefined ? [] : [known])]) ?? range.to;
    if (world.facts.servedFrom === undefined || isBefore(range.from, world.facts.servedFrom))
      world.facts.servedFrom = range.from;
  },
  show: ({ server, from }, { facts }) => {
    const former = facts.former.get(server);
    const index = (former && relayFilesOf(former)?.index) ?? 'its relay log index';
    const start = from === undefined ? '' : ` from ${formatCoordinates(from)} on`;
    return [`read the relay logs of ${server} (${index}) over SSH${start}`];
  },
};
